import { parseCredits } from "@guildhall/shared";
import { z } from "zod";
import { idempotencyKey } from "../organizations/index.ts";

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
const optionalDescription = words.optional();

/** Why credits were deducted; must be said (S0.18). */
export const reason = words.min(1, "Say why the credits are deducted.");

const payment = z.object({
  /** In minor units of the currency (cents), as a decimal text. */
  minor: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, "Give what was paid in minor units (cents): a whole number above zero.")
    .transform(BigInt),
  currency: z.string().regex(/^[A-Z]{3}$/, "Give the currency's three letters, like EUR."),
});

/** Credits to add: either so many, or what was paid for them. */
export const creditsToAdd = z
  .object({
    amount: creditAmount.optional(),
    paid: payment.optional(),
    description: optionalDescription,
    idempotencyKey,
  })
  .transform(({ amount, paid, ...rest }, issues) => {
    if (amount !== undefined && !paid) return { ...rest, amountMicro: amount };
    if (paid && amount === undefined) return { ...rest, paid };
    const message = paid ? "Give either an amount in credits or what was paid, not both." : "Enter an amount.";
    issues.addIssue({ code: "custom", path: ["amount"], message });
    return z.NEVER;
  });
