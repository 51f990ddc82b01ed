const COOKIE = /(?:^|;\s*)organization=([a-z0-9-]{1,48})(?:;|$)/;
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** The slug of the organization that was looked at last, or undefined. A hint: whether it may be opened is asked again. */
export function readLastOrganization(request: Request): string | undefined {
  return COOKIE.exec(request.headers.get("cookie") ?? "")?.[1];
}

/** The header that remembers an organization, or nothing when it is remembered already or only fetched ahead. */
export function rememberOrganization(request: Request, slug: string): HeadersInit {
  const isAhead = (request.headers.get("sec-purpose") ?? request.headers.get("purpose") ?? "").includes("prefetch");
  if (isAhead || readLastOrganization(request) === slug) return {};
  return { "set-cookie": `organization=${slug}; Path=/; Max-Age=${YEAR_SECONDS}; HttpOnly; SameSite=Lax` };
}
