import { commonPasswords } from "./common-passwords.ts";

/** Shortest and longest password, in characters of its normalized form. */
export const PASSWORD_LENGTH = { min: 8, max: 200 } as const;

export type PasswordWeakness = "too_short" | "too_long" | "too_common" | "too_simple" | "personal";

const FEWEST_DIFFERENT_CHARACTERS = 4;
const SHORTEST_TELLING_PART = 4;

/**
 * The form in which passwords are compared and hashed: Unicode NFKC, so that the same characters typed on another
 * keyboard or system are the same password. Nothing is trimmed or cut.
 */
export function normalizePassword(password: string): string {
  // Normalizing can grow a text eighteenfold; what is too long anyway need not be normalized.
  return password.length > PASSWORD_LENGTH.max ? password : password.normalize("NFKC");
}

/**
 * Says why a password may not be chosen, or null. Asks for length and for not being guessed first, and for no
 * composition of character classes (NIST SP 800-63B). `about` is what others know of the person: e-mail and name.
 */
export function findPasswordWeakness(password: string, about: readonly string[] = []): PasswordWeakness | null {
  const normalized = normalizePassword(password);
  const characters = [...normalized];
  if (characters.length < PASSWORD_LENGTH.min) return "too_short";
  if (normalized.length > PASSWORD_LENGTH.max) return "too_long";
  const folded = normalized.toLowerCase();
  if (new Set(folded).size < FEWEST_DIFFERENT_CHARACTERS) return "too_simple";
  if (isCommon(folded)) return "too_common";
  return isPersonal(folded, about) ? "personal" : null;
}

/** Counts a word from the list also with digits and signs around it: "password123!" is guessed as early as "password". */
function isCommon(folded: string): boolean {
  const core = folded.replace(/^[^a-z]+|[^a-z]+$/g, "");
  return commonPasswords.has(folded) || (core.length >= PASSWORD_LENGTH.min - 2 && commonPasswords.has(core));
}

/** The password is a name or an address (or its parts) with at most digits and signs around it. */
function isPersonal(folded: string, about: readonly string[]): boolean {
  const core = folded.replace(/^[\d\W_]+|[\d\W_]+$/g, "");
  const parts = about.flatMap((text) => {
    const lower = text.trim().toLowerCase();
    return [lower, lower.replaceAll(/\s+/g, ""), ...lower.split(/[@\s]+/)];
  });
  return parts.some((part) => part.length >= SHORTEST_TELLING_PART && (part === folded || part === core));
}
