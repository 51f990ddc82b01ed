import { createHash, randomBytes } from "node:crypto";

/** How many codes a person gets at once. */
export const RECOVERY_CODE_COUNT = 10;

/** Crockford's base 32: no letter looks like a digit. 256 is a multiple of 32, so each sign is as likely as the others. */
const SIGNS = "0123456789abcdefghjkmnpqrstvwxyz";
const CODE_LENGTH = 16;
const GROUP = /.{4}(?=.)/g;

/** Makes a person's codes: 80 random bits each, in groups of four. They exist here for the only time. */
export function createRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODE_COUNT }, () =>
    [...randomBytes(CODE_LENGTH)]
      .map((byte) => SIGNS[byte % SIGNS.length])
      .join("")
      .replaceAll(GROUP, "$&-"),
  );
}

/**
 * What is stored of a code; undefined for what cannot be one. Forgives how it was typed: spaces, hyphens, capitals, and the
 * letters that look like digits. No salt and no stretching: 80 random bits cannot be guessed; the person's id keeps equal
 * codes of two people apart.
 */
export function hashRecoveryCode(userId: string, typed: string): Buffer | undefined {
  const code = typed.replaceAll(/[\s-]/g, "").toLowerCase().replaceAll("o", "0").replaceAll(/[il]/g, "1");
  if (code.length !== CODE_LENGTH || [...code].some((sign) => !SIGNS.includes(sign))) return undefined;
  return createHash("sha256").update(`${userId}:${code}`).digest();
}
