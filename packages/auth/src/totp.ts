import { Secret, TOTP } from "otpauth";

/** How long one code stands, in seconds. What apps assume when they are told nothing else. */
const STEP_SECONDS = 30;
const DIGITS = 6;
/** A code of the step before or after counts too: clocks differ, and people take a moment to type. */
const WINDOW = 1;
const SECRET_BYTES = 20;
const ISSUER = "Guildhall";

/** Makes the secret that an app and the portal share: 160 random bits, in base32 as people type it. */
export function createTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** What an app reads from the QR code (otpauth://…). The label tells the person which account it is. */
export function totpUri(secret: string, label: string): string {
  return totpOf(secret, label).toString();
}

/**
 * Finds the step of time (a whole number that only grows) that a code belongs to, or undefined when it is of none around
 * now. The caller takes a step only if it is later than the last one taken: then no code counts twice.
 */
export function findTotpStep(secret: string, code: string, now: Date): number | undefined {
  const token = code.replaceAll(/[\s-]/g, "");
  if (!/^\d{6}$/.test(token)) return undefined;
  const timestamp = now.getTime();
  const delta = totpOf(secret).validate({ token, timestamp, window: WINDOW });
  return delta === null ? undefined : Math.floor(timestamp / 1000 / STEP_SECONDS) + delta;
}

/** The code that an app would show at a time: for tests, which have no app. */
export function totpCodeAt(secret: string, at: Date): string {
  return totpOf(secret).generate({ timestamp: at.getTime() });
}

function totpOf(secret: string, label = ""): TOTP {
  return new TOTP({ issuer: ISSUER, label, algorithm: "SHA1", digits: DIGITS, period: STEP_SECONDS, secret });
}
