import type { Factors } from "~/api/types";

/** Says whether the password alone is not enough for this person. */
export function hasFactor({ totp, passkeys }: Factors): boolean {
  return totp !== null || passkeys.length > 0;
}

/** Says whether somebody with a second factor has to prove again that it is them, beside the password that the form asks for. */
export function isConfirmationDue(factors: Factors): boolean {
  return hasFactor(factors) && !factors.isConfirmed;
}

/**
 * Says whether what the page's action answered asks for the proof: a form was open for so long that it ran out meanwhile, or the proof
 * that was given was refused.
 */
export function isUnconfirmed(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null || !("code" in answer)) return false;
  return answer.code === "confirmation_required" || ("intent" in answer && isProof(String(answer.intent)));
}

/** Says whether a form of a page is one of the dialog that asks whether it is still the reader. */
export function isProof(intent: string): boolean {
  return intent === "confirm-code" || intent === "confirm-password";
}
