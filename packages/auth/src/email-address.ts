/** Longest address that the mail protocols carry, in characters. */
export const LONGEST_EMAIL = 254;

/**
 * The form in which addresses are stored and compared: trimmed and in lower case. Lower-cases ASCII only: Unicode folding
 * would make two different addresses one (the Kelvin sign becomes a k).
 */
export function normalizeEmail(email: string): string {
  return email.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
