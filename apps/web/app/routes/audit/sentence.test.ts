import { expect, test } from "vitest";
import type { AuditEntry } from "~/api/types";
import { changesOf } from "./changes";
import { sentenceOf } from "./sentence";

function entry(action: string, rest: Partial<AuditEntry> = {}): AuditEntry {
  return {
    ...{ sequence: "1", at: "2026-11-22T00:00:00.000Z", hash: "00" },
    ...{ address: null, userAgent: null, device: null, requestId: null },
    ...{ actor: { userId: "ada", name: "Ada" }, subject: { kind: "member", id: "bob", label: "Bob" } },
    ...{ before: null, after: null, action },
    ...rest,
  };
}

test("an entry reads as a sentence about what was done, to whom, from what to what", () => {
  const role = { before: { role: "member" }, after: { role: "billing_admin" } };
  expect(sentenceOf(entry("member.role_changed", role))).toBe("changed Bob’s role from Member to Billing admin");
  expect(
    sentenceOf(
      entry("credits.deducted", {
        subject: { kind: "wallet", id: "1", label: "Mistake" },
        after: { amountMicro: "-2500000" },
      }),
    ),
  ).toBe("deducted 2.5 credits: “Mistake”");
  const allowance = { before: { monthlyAllowanceMicro: null }, after: { monthlyAllowanceMicro: "1000000000" } };
  expect(sentenceOf(entry("allowance.changed", allowance))).toBe(
    "changed the monthly allowance per member from no limit to 1,000 credits",
  );
});

test("what happens to an enterprise’s admins is said with the person and the enterprise", () => {
  const of = { subject: { kind: "enterprise", id: "1", label: "Research" } };
  const facts = { person: "Grace", email: "grace@example.com" };
  expect(sentenceOf(entry("enterprise.admin_added", { ...of, after: facts }))).toBe(
    "made Grace an admin of the enterprise Research",
  );
  expect(sentenceOf(entry("enterprise.admin_removed", { ...of, before: facts }))).toBe(
    "took the administration of the enterprise Research from Grace",
  );
});

test("whoever came by themselves is not named twice", () => {
  const own = { subject: { kind: "member", id: "ada", label: "Ada" }, after: { role: "member" } };
  expect(sentenceOf(entry("member.added", own))).toBe("became a member as Member");
});

test("an action that has no sentence yet still says what happened", () => {
  expect(sentenceOf(entry("later_thing.was_done"))).toBe("later thing: was done (Bob)");
});

test("before and after stand side by side, in words; what is not said stays empty", () => {
  expect(
    changesOf(
      { role: "member", monthlyAllowanceMicro: null, hint: "gh_…a1" },
      { role: "admin", monthlyAllowanceMicro: "1500000", isRequired: true, allowedRoles: ["owner"] },
    ),
  ).toEqual([
    { field: "Role", before: "Member", after: "Admin" },
    { field: "Monthly allowance", before: "none", after: "1.5 credits" },
    { field: "Hint", before: "gh_…a1", after: undefined },
    { field: "Is required", before: undefined, after: "yes" },
    { field: "Allowed roles", before: undefined, after: "owner" },
  ]);
});
