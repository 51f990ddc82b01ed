import { data, redirect } from "@remix-run/node";
import { movedPath } from "~/organization/moved-path";
import type { LoadContext } from "./load-context";
import { readApiError } from "./read-error";
import type { Me, Organization } from "./types";

/** What an error page is given when a loader is refused: enough to say what happened and what to do. */
export interface Refusal {
  code: string;
  message: string;
  requestId: string;
  /** The permission that was missing, for a forbidden page. */
  permission?: string;
  role?: string;
}

/**
 * Runs a read of the API for a page: without a session the person is led to sign in and back here, a refusal becomes an error
 * page with its status and the request's id. Other errors pass.
 */
export async function readForPage<T>(request: Request, context: LoadContext, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const refused = readApiError(error);
    if (!refused) throw error;
    if (refused.code === "unauthenticated") throw redirect(signInPath(request));
    const refusal: Refusal = {
      code: refused.code ?? "defect",
      message: refused.message,
      requestId: refused.requestId ?? context.requestId,
      ...(typeof refused.details.permission === "string" ? { permission: refused.details.permission } : {}),
      ...(typeof refused.details.role === "string" ? { role: refused.details.role } : {}),
    };
    throw data(refusal, { status: refused.status || 500 });
  }
}

/**
 * Where to sign in, with the way back to the page that was asked for. A browser that still holds a session's cookie was signed
 * out from elsewhere, and is told.
 */
export function signInPath(request: Request): string {
  const { pathname, search } = new URL(request.url);
  const here = `${pathname}${search}`;
  const query = new URLSearchParams();
  if (here !== "/" && request.method === "GET") query.set("next", here);
  if (/(?:^|;\s*)(?:__Host-)?session=[\w-]+/.test(request.headers.get("cookie") ?? "")) query.set("ended", "1");
  return query.size > 0 ? `/sign-in?${query}` : "/sign-in";
}

const people = new WeakMap<LoadContext, Promise<Me | null>>();
const organizations = new WeakMap<LoadContext, Map<string, Promise<Organization>>>();

/** The person of this request, or null. Read once per request, however many loaders ask. */
export function readMe(context: LoadContext): Promise<Me | null> {
  const known = people.get(context) ?? context.api.identity.me.query().then((me) => me?.user ?? null);
  people.set(context, known);
  return known;
}

/**
 * The organization of this page, with the caller's permissions. Read once per request. An address with a slug that it had
 * before leads to the same page under the current one; only for now, since it may come back to the old one.
 */
export function readOrganization(request: Request, context: LoadContext, slug: string): Promise<Organization> {
  const bySlug = organizations.get(context) ?? new Map<string, Promise<Organization>>();
  organizations.set(context, bySlug);
  const known =
    bySlug.get(slug) ??
    readForPage(request, context, () => context.api.organizations.get.query({ organization: slug })).then((found) => {
      const moved = found.slug !== slug && movedPath(new URL(request.url), slug, found.slug);
      if (moved) throw redirect(moved);
      return found;
    });
  bySlug.set(slug, known);
  return known;
}

/** What the reader may do in an organization, for the frame: nothing where they are kept out for want of a second factor. */
export async function readPermissions(
  request: Request,
  context: LoadContext,
  slug: string,
): Promise<Organization["permissions"]> {
  try {
    return (await readOrganization(request, context, slug)).permissions;
  } catch (error) {
    // The organization's own page says it; pages of the person stay as they are.
    if (isRefusedFor(error, "second_factor_required")) return [];
    throw error;
  }
}

/** Says whether what a loader has thrown is the refusal with this code. */
function isRefusedFor(thrown: unknown, code: Refusal["code"]): boolean {
  if (typeof thrown !== "object" || thrown === null || !("data" in thrown)) return false;
  const { data: refusal } = thrown;
  return typeof refusal === "object" && refusal !== null && "code" in refusal && refusal.code === code;
}
