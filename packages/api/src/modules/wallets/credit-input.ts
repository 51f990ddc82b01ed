import { parseCredits } from "@guildhall/shared";
import { z } from "zod";

/** Credits as a person types them ("1,000.5"), read into micro-credits; more than zero. Nothing is rounded. */
export const creditAmount = z
  .string("Enter an amount.")
  .trim()
  .min(1, "Enter an amount.")
  .transform((text, issues) => {
    const amountMicro = parseCredits(text);
    if (amountMicro !== undefined && amountMicro > 0n) return amountMicro;
    const message =
      amountMicro === undefined
        ? "Enter an amount like 1,000 or 0.5: up to six decimals, at most a billion credits."
        : "Enter an amount above zero.";
    issues.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const words = z
  .string()
  .trim()
  .max(200, "Shorten it to 200 characters.")
  .regex(/^\P{Cc}*$/u, "Leave out control characters and line breaks.");

/** Why credits were added; may be left out (S0.17). */
export const optionalDescription = words.optional();

/** Why credits were deducted; must be said (S0.18). */
export const reason = words.min(1, "Say why the credits are deducted.");
