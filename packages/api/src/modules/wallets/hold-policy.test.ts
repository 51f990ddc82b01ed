import { expect, test } from "vitest";
import { findHoldRefusal, type HoldFacts } from "./hold-policy.ts";

const facts: HoldFacts = { status: "active", amountMicro: 10n, toleranceMicro: 10n };

test("a hold may tolerate as much again as it reserves, and no more; the refusal says how much", () => {
  expect(findHoldRefusal(facts)).toBeUndefined();
  expect(findHoldRefusal({ ...facts, toleranceMicro: 0n })).toBeUndefined();
  const refusal = findHoldRefusal({ ...facts, toleranceMicro: 11n });
  expect(refusal).toMatchObject({ code: "invalid_input", details: { mostMicro: "10" } });
  expect(refusal?.message).toContain("at most the amount itself: 10 micro-credits");
});

test("C6 only an active organization reserves", () => {
  for (const status of ["inactive", "archived", "pending_deletion"] as const) {
    expect(findHoldRefusal({ ...facts, status })).toMatchObject({ code: "organization_inactive", details: { status } });
  }
});
