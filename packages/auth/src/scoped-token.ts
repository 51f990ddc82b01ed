import { createHash, randomBytes } from "node:crypto";

const SECRET_BYTES = 32;

/** A secret that says in clear which organization it is for, so that it is looked up inside that organization's walls. */
export interface ScopedToken {
  organizationId: string;
  /** SHA-256 of the whole token: all that is ever stored. 32 bytes. */
  hash: Buffer;
}

/** Makes PREFIX_<organization id, 32 hex digits>_<32 random bytes, base64url>. */
export function createScopedToken(prefix: string, organizationId: string): ScopedToken & { token: string } {
  const token = `${prefix}_${organizationId.replaceAll("-", "")}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  return { token, organizationId, hash: hashToken(token) };
}

/** Reads such a token; undefined when it has not that form. Says nothing about whether it is known. */
export function parseScopedToken(prefix: string, token: string): ScopedToken | undefined {
  const match = /^([a-z]+)_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[\w-]{43}$/.exec(token);
  if (match?.[1] !== prefix) return undefined;
  return { organizationId: match.slice(2).join("-"), hash: hashToken(token) };
}

function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
