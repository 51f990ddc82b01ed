import type { SessionCookie, SignedIn } from "@guildhall/api/server";
import type { Sessions, ValidSession } from "@guildhall/auth";
import type { MiddlewareHandler } from "hono";
import { generateCookie, getCookie } from "hono/cookie";
import { parse } from "hono/utils/cookie";
import type { HttpVariables } from "./variables.ts";

const NAME = "session";

/** Paths whose callers prove themselves by a key in the request: there a cookie is not read and gives no authority. */
const WITHOUT_COOKIES = ["/api/"];

/** Says whether a session cookie counts for a path. Who may act by cookie must also pass the Origin check. */
export function hasCookieAuthority(path: string): boolean {
  return !WITHOUT_COOKIES.some((prefix) => path.startsWith(prefix));
}

/** Which cookie carries the session: bound to this very host and to TLS (`__Host-`), except on plain http at home. */
export interface SessionCookieKind {
  isHostBound: boolean;
  name: string;
}

export function sessionCookieKind(publicUrl: string): SessionCookieKind {
  const isHostBound = new URL(publicUrl).protocol === "https:";
  return { isHostBound, name: isHostBound ? `__Host-${NAME}` : NAME };
}

/** Reads the session's token from a bare Cookie header, for the WebSocket's upgrade. Never throws on what clients send. */
export function readSessionToken(cookieHeader: string | undefined, kind: SessionCookieKind): string | undefined {
  return cookieHeader === undefined ? undefined : parse(cookieHeader, kind.name)[kind.name];
}

/** What the middleware needs. */
export interface SessionOptions {
  sessions: Sessions;
  publicUrl: string;
}

/**
 * Finds out who is signed in and leaves it for those behind (`signedIn`, `readSession`, `cookie`). Answers touch
 * the cookie at sign-in and sign-out only: deleting one that is unknown could hit the one that a sign-in in another tab
 * has set meanwhile, and renewal needs none (it lives as long as a session can).
 */
export function sessionOf({ sessions, publicUrl }: SessionOptions): MiddlewareHandler<{ Variables: HttpVariables }> {
  const kind = sessionCookieKind(publicUrl);
  return async (c, next) => {
    const token = hasCookieAuthority(c.req.path)
      ? getCookie(c, NAME, kind.isHostBound ? "host" : undefined)
      : undefined;
    const valid = token === undefined ? null : await sessions.validate(token);
    const state = startState(kind, valid, sessions);
    c.set("signedIn", toSignedIn(valid));
    c.set("readSession", state.readSession);
    c.set("cookie", state.cookie);
    await next();
    // Afterwards, since answers made elsewhere (Remix, tRPC) bring headers of their own.
    const header = state.setCookieHeader();
    if (header !== undefined) c.header("set-cookie", header, { append: true });
  };
}

/** One request's view of its session, which a sign-in or sign-out within the request changes. */
function startState(kind: SessionCookieKind, valid: ValidSession | null, sessions: Sessions) {
  let readSession = async () => toSignedIn(valid);
  let setCookie: string | undefined;
  const cookie: SessionCookie = {
    set(token, expiresAt) {
      setCookie = writeCookie(kind, token, expiresAt);
      readSession = async () => toSignedIn(await sessions.validate(token));
    },
    clear() {
      setCookie = writeCookie(kind, "", new Date(0));
      readSession = async () => null;
    },
  };
  return { cookie, readSession: () => readSession(), setCookieHeader: () => setCookie };
}

function writeCookie({ isHostBound }: SessionCookieKind, token: string, expires: Date): string {
  const attributes = { path: "/", httpOnly: true, sameSite: "Lax", expires } as const;
  return isHostBound
    ? generateCookie(NAME, token, { ...attributes, secure: true, prefix: "host" })
    : generateCookie(NAME, token, attributes);
}

function toSignedIn(valid: ValidSession | null): SignedIn | null {
  return valid && { session: { id: valid.session.id }, user: valid.user };
}
