import { isStorable } from "@guildhall/shared";
import { z } from "zod";
import { instant } from "../../instant.ts";

const MAX_TOKENS = 1_000_000_000;
const tokens = z
  .number("Give a number of tokens.")
  .int("Tokens are whole numbers.")
  .min(0, "Tokens cannot be negative.")
  .max(MAX_TOKENS, "One use cannot have more than a billion tokens. Report it in parts.");
const named = (what: string, max: number) =>
  z
    .string(`Give ${what}.`)
    .trim()
    .min(1, `Give ${what}.`)
    .max(max, `Shorten ${what} to ${max} characters.`)
    .regex(/^\P{Cc}*$/u, `Leave control characters out of ${what}.`)
    .refine(isStorable, `Leave halves of surrogate pairs out of ${what}.`);

/** A model's name, as it stands in the price list and in reports. */
export const modelName = named("the model", 100);

/** Keeps the cost of the largest use inside what one posting can move. */
const MAX_MICRO_PER_MILLION = 100_000_000_000n;

/** A price in micro-credits per million tokens: a text of digits, up to a hundred thousand credits. */
export const pricePerMillion = z
  .string()
  .regex(/^\d{1,12}$/, "Give micro-credits per million tokens, as a text of digits.")
  .transform(BigInt)
  .refine((micro) => micro <= MAX_MICRO_PER_MILLION, "At most 100,000 credits per million tokens.");

/**
 * The idempotency key of a program's request, for uses and holds alike.
 * Halves of surrogate pairs are refused and not replaced: a key is hashed as UTF-8, where all of them would look the same, and
 * the second of two uses would pass for a retry of the first.
 */
export const programKey = z
  .string("Give an idempotency key.")
  .min(1, "Give an idempotency key.")
  .max(200, "The idempotency key can have at most 200 characters.")
  .regex(/^\P{Cc}*$/u, "Leave control characters out of the idempotency key.")
  .refine(isStorable, "Leave halves of surrogate pairs out of the idempotency key.");

/** A correction of a use, as a program asks for it. */
export const reversalRequest = z.strictObject({
  /** Why: shown in the wallet's history. */
  reason: named("the reason", 200),
  idempotencyKey: programKey,
});

/** One use of a model, as a program reports it. Unknown fields are refused: a misspelt one must not be billed as absent. */
export const reportedUsage = z.strictObject({
  /** Which agent worked: shown in reports as it is written here. */
  agent: named("the name of the agent", 100),
  /** For whom: the e-mail or the id of a member of the organization. */
  member: named("the member's e-mail or id", 254).optional(),
  model: modelName,
  inputTokens: tokens,
  outputTokens: tokens,
  /** Same key and same content: the first answer again, charged once. A UUIDv7 is fastest. */
  idempotencyKey: programKey,
  /** When it happened, if not now: it decides which price holds. ISO 8601 with a zone. */
  occurredAt: instant.optional(),
});

export type ReportedUsage = z.infer<typeof reportedUsage>;

/** A report that was read, or what is wrong with it: the first message of every field at fault. */
export type ReadReport = { reported: ReportedUsage } | { faults: z.core.$ZodIssue[] };

const REQUIRED_FIELDS = 5;
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/;

/**
 * Checks a report, as the schema does. Most reports are plain (ASCII, no spaces around, a time only if it was not now) and
 * pass by a check that costs a tenth of the schema's: with a thousand of them in one request that is what counts. Whatever
 * is not plain is the schema's to judge.
 */
export function readReportedUsage(input: unknown): ReadReport {
  if (isPlain(input)) return { reported: input };
  const { success, data, error } = reportedUsage.safeParse(input);
  return success ? { reported: data } : { faults: error.issues };
}

function isPlain(input: unknown): input is ReportedUsage {
  if (typeof input !== "object" || input === null) return false;
  const { agent, member, model, inputTokens, outputTokens, idempotencyKey } = input as Record<string, unknown>;
  const known = "member" in input ? REQUIRED_FIELDS + 1 : REQUIRED_FIELDS;
  return (
    isPlainText(agent, 100) &&
    isPlainText(model, 100) &&
    isPlainText(idempotencyKey, 200) &&
    isTokens(inputTokens) &&
    isTokens(outputTokens) &&
    (member === undefined || isPlainText(member, 254)) &&
    // No further field, so none that is misspelt.
    Object.keys(input).length === known
  );
}

function isPlainText(text: unknown, maxLength: number): boolean {
  return typeof text === "string" && text.length <= maxLength && PLAIN.test(text);
}

function isTokens(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TOKENS;
}
