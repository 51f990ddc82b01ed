import type { SignInCookie } from "@guildhall/api/server";
import type { MiddlewareHandler } from "hono";
import { generateCookie, getCookie } from "hono/cookie";
import { hasCookieAuthority, sessionCookieKind } from "./session.ts";
import type { HttpVariables } from "./variables.ts";

const NAME = "sign-in";

/**
 * Leaves the cookie of an unfinished sign-in for those behind (`signInCookie`). It is kept apart from the session's: nothing
 * that reads sessions ever looks at it. `Strict` is enough, since only the portal's own pages lead to the second step.
 */
export function signInCookieOf(publicUrl: string): MiddlewareHandler<{ Variables: HttpVariables }> {
  const { isHostBound } = sessionCookieKind(publicUrl);
  const write = (token: string, expires: Date) => {
    const attributes = { path: "/", httpOnly: true, sameSite: "Strict", expires } as const;
    return isHostBound
      ? generateCookie(NAME, token, { ...attributes, secure: true, prefix: "host" })
      : generateCookie(NAME, token, attributes);
  };
  return async (c, next) => {
    const sent = hasCookieAuthority(c.req.path) ? getCookie(c, NAME, isHostBound ? "host" : undefined) : undefined;
    let current = sent;
    let header: string | undefined;
    const cookie: SignInCookie = {
      read: () => current,
      set(token, expiresAt) {
        current = token;
        header = write(token, expiresAt);
      },
      clear() {
        // A browser that has none need not be told.
        header = sent === undefined ? undefined : write("", new Date(0));
        current = undefined;
      },
    };
    c.set("signInCookie", cookie);
    await next();
    if (header !== undefined) c.header("set-cookie", header, { append: true });
  };
}
