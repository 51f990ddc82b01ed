import { parse } from "hono/utils/cookie";

/**
 * Reads the session's token from a Cookie header; undefined when there is none. The browser sends the `__Host-` cookie
 * over https only. Hono's parser never throws, whatever the header holds.
 */
export function readSessionToken(cookieHeader: string | undefined, publicUrl: string): string | undefined {
  if (!cookieHeader) return undefined;
  const name = publicUrl.startsWith("https:") ? "__Host-session" : "session";
  return parse(cookieHeader, name)[name];
}
