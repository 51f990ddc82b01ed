import { useEffect } from "react";
import { isAhead } from "./prefetch";

const COOKIE = /(?:^|;\s*)organization=([a-z0-9-]{1,48})(?:;|$)/;
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** The slug of the organization that was looked at last, or undefined. A hint: whether it may be opened is asked again. */
export function readLastOrganization(request: Request): string | undefined {
  return COOKIE.exec(request.headers.get("cookie") ?? "")?.[1];
}

/** The header that remembers an organization, or nothing when it is remembered already or only fetched ahead. */
export function rememberOrganization(request: Request, slug: string): HeadersInit {
  if (isAhead(request) || readLastOrganization(request) === slug) return {};
  return { "set-cookie": cookieOf(slug) };
}

/** Remembers the organization of a page whose data was fetched ahead. */
export function useRememberedOrganization(slug: string): void {
  useEffect(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
    document.cookie = cookieOf(slug);
  }, [slug]);
}

function cookieOf(slug: string): string {
  return `organization=${slug}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax`;
}
