import { createHash, randomBytes } from "node:crypto";

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Makes a session's secret: 32 random bytes, base64url. It leaves for the browser and is stored nowhere. */
export function createSessionToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** Says whether a text has the form of a token: anything else is turned away before the database is asked. */
export function isSessionToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * The id under which a token's session is stored: SHA-256, hex. No salt and no stretching: 32 random bytes cannot be
 * guessed, and the lookup must find the row by it.
 */
export function sessionIdOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
