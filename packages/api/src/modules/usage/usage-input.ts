import { z } from "zod";

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
    .regex(/^\P{Cc}*$/u, `Leave control characters out of ${what}.`);

/** One use of a model, as a program reports it. Unknown fields are refused: a misspelt one must not be billed as absent. */
export const reportedUsage = z.strictObject({
  /** Which agent worked: shown in reports as it is written here. */
  agent: named("the name of the agent", 100),
  /** For whom: the e-mail or the id of a member of the organization. */
  member: named("the member's e-mail or id", 254).optional(),
  model: named("the model", 100),
  inputTokens: tokens,
  outputTokens: tokens,
  /** Same key and same content: the first answer again, charged once. A UUIDv7 is fastest. */
  idempotencyKey: z
    .string("Give an idempotency key.")
    .min(1, "Give an idempotency key.")
    .max(200, "The idempotency key can have at most 200 characters.")
    .regex(/^\P{Cc}*$/u, "Leave control characters out of the idempotency key."),
  /** When it happened, if not now: it decides which price holds. ISO 8601 with a zone. */
  occurredAt: z.iso.datetime({ offset: true, error: "Give the time as ISO 8601 with a zone." }).optional(),
});

export type ReportedUsage = z.infer<typeof reportedUsage>;
