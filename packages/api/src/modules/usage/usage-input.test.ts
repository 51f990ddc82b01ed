import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readReportedUsage, reportedUsage, reversalRequest } from "./usage-input.ts";

const plain = { agent: "Support", model: "atlas", inputTokens: 1, outputTokens: 0, idempotencyKey: "k" };

const text = fc.oneof(
  fc.constantFrom(
    "Support",
    "a b",
    "",
    " ",
    " a",
    "a ",
    "\t",
    "a\u0000",
    "é",
    "\u2003a",
    "a\ud800",
    "x".repeat(100),
    "x".repeat(101),
  ),
  fc.string({ maxLength: 6 }),
  fc.constantFrom("k".repeat(200), "k".repeat(201), "m".repeat(254), "m".repeat(255)),
);
const tokens = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, -0, -1, 1.5, 1e9, 1e9 + 1, Number.NaN, Number.POSITIVE_INFINITY, "1", null, 2 ** 53),
);
const anyField = fc.oneof(text, tokens, fc.constantFrom(undefined, null, {}, []));
const report = fc.record(
  {
    agent: fc.oneof({ weight: 9, arbitrary: text }, anyField),
    model: fc.oneof({ weight: 9, arbitrary: text }, anyField),
    inputTokens: fc.oneof({ weight: 9, arbitrary: tokens }, anyField),
    outputTokens: fc.oneof({ weight: 9, arbitrary: tokens }, anyField),
    idempotencyKey: fc.oneof({ weight: 9, arbitrary: text }, anyField),
    member: fc.oneof({ weight: 9, arbitrary: text }, anyField),
    occurredAt: fc.oneof(fc.constantFrom("2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "yesterday"), anyField),
    membr: text,
  },
  { requiredKeys: [] },
);

test("S2.18 no text of a report or a correction has half a surrogate pair or a zero character", () => {
  const field = (name: string, text: string) => readReportedUsage({ ...plain, [name]: text });
  for (const name of ["idempotencyKey", "agent", "model", "member"]) {
    for (const text of ["order \ud800", "\udc00 order", "order \0 1"]) {
      expect(field(name, text), `${name} ${JSON.stringify(text)}`).toHaveProperty("faults.0.path", [name]);
    }
    expect(field(name, "order \u{1f600}")).toHaveProperty("reported");
  }
  const correction = { reason: "twice", idempotencyKey: "k" };
  expect(reversalRequest.safeParse({ ...correction, idempotencyKey: "k \udfff" }).success).toBe(false);
  expect(reversalRequest.safeParse({ ...correction, reason: "k \ud800" }).success).toBe(false);
  expect(reversalRequest.safeParse(correction).success).toBe(true);
});

describe("the quick check of a report", () => {
  test("says what the schema says, of whatever is sent", () => {
    const near = report.map((change) => ({ ...plain, ...change }));
    fc.assert(
      fc.property(fc.oneof({ weight: 5, arbitrary: near }, report, fc.anything()), (input) => {
        const bySchema = reportedUsage.safeParse(input);
        const read = readReportedUsage(input);
        expect("reported" in read).toBe(bySchema.success);
        if ("reported" in read) expect(read.reported).toEqual(bySchema.data);
      }),
      { numRuns: 3_000 },
    );
  });

  test("takes a plain report as it is", () => {
    expect(readReportedUsage(plain)).toEqual({ reported: plain });
    const input = { ...plain, member: "ada@example.com" };
    const read = readReportedUsage(input);
    expect("reported" in read && read.reported).toBe(input);
  });
});
