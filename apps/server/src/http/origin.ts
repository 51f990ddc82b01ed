import { DomainError } from "@guildhall/shared";
import type { MiddlewareHandler } from "hono";
import { hasCookieAuthority, readSessionToken, sessionCookieKind } from "./session.ts";

/** Whose pages may act with a person's cookie. */
export interface OriginOptions {
  publicUrl: string;
  /** Further origins, exactly as browsers send them. */
  allowedOrigins?: readonly string[];
}

/** What tells where a request comes from. */
interface RequestOrigin {
  method: string;
  origin: string | undefined;
  secFetchSite: string | undefined;
  carriesSession: boolean;
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** The origins that may: the portal's own first. Compared as whole strings, never by prefix or suffix. */
function allowedOriginsOf({ publicUrl, allowedOrigins = [] }: OriginOptions): ReadonlySet<string> {
  return new Set([publicUrl, ...allowedOrigins].map((url) => new URL(url).origin));
}

/**
 * Says whether a request may change something. An Origin decides where there is one ("null" is none of ours), else the
 * browser's word about the site. A client that sends neither is no browser of today: it may act as long as it carries no
 * session that another site could have ridden on. A session is not needed to be refused: signing somebody in to a
 * stranger's account is an attack as well.
 */
function isFromOwnPages(request: RequestOrigin, allowed: ReadonlySet<string>): boolean {
  if (SAFE_METHODS.has(request.method)) return true;
  if (request.origin !== undefined) return allowed.has(request.origin);
  if (request.secFetchSite !== undefined) return request.secFetchSite === "same-origin";
  return !request.carriesSession;
}

/**
 * Refuses what another site's page sends, before anything is read of it. Does not look at paths without cookie authority.
 * @throws DomainError("wrong_origin")
 */
export function requireOwnOrigin(options: OriginOptions): MiddlewareHandler {
  const allowed = allowedOriginsOf(options);
  const kind = sessionCookieKind(options.publicUrl);
  return async (c, next) => {
    const request = {
      method: c.req.method,
      origin: c.req.header("origin"),
      secFetchSite: c.req.header("sec-fetch-site"),
      carriesSession: readSessionToken(c.req.header("cookie"), kind) !== undefined,
    };
    if (hasCookieAuthority(c.req.path) && !isFromOwnPages(request, allowed)) {
      const message = `This did not come from the portal's own pages. Open ${options.publicUrl} and try again.`;
      throw new DomainError("wrong_origin", {}, message);
    }
    await next();
  };
}
