import { roles } from "@guildhall/auth/permissions";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultSpendPolicy, findSpendRefusal, type SpenderFacts, wayToSpend } from "./spend-policy.ts";

const charge = { amountMicro: 10n, model: "plain" };
const stranger: SpenderFacts = { role: null, isInTeam: false, teamSpentMicro: 0n };

test("without a policy every role and every team may spend, and strangers may not", () => {
  for (const role of roles) expect(findSpendRefusal(defaultSpendPolicy, { ...stranger, role }, charge)).toBeUndefined();
  expect(findSpendRefusal(defaultSpendPolicy, { ...stranger, isInTeam: true }, charge)).toBeUndefined();
  expect(findSpendRefusal(defaultSpendPolicy, stranger, charge)).toBe("unknown_member");
});

test("S2.19 a refusal names the role or the rule that refuses", () => {
  const policy = { ...defaultSpendPolicy, roles: ["owner"] as const };
  const member: SpenderFacts = { ...stranger, role: "member" };
  expect(findSpendRefusal(policy, member, charge)).toBe("role");
  expect(findSpendRefusal({ ...policy, teamsMaySpend: false }, { ...member, isInTeam: true }, charge)).toBe("role");
  expect(findSpendRefusal({ ...policy, teamsMaySpend: false }, { ...stranger, isInTeam: true }, charge)).toBe("teams");
  const owner: SpenderFacts = { ...stranger, role: "owner" };
  expect(findSpendRefusal({ ...policy, perSpendLimitMicro: 9n }, owner, charge)).toBe("per_spend_limit");
  expect(findSpendRefusal({ ...policy, models: ["fancy"] }, owner, charge)).toBe("model");
  const inTeam = { ...stranger, isInTeam: true, teamSpentMicro: 91n };
  expect(findSpendRefusal({ ...policy, teamMonthlyLimitMicro: 100n }, inTeam, charge)).toBe("team_limit");
  expect(findSpendRefusal({ ...policy, teamMonthlyLimitMicro: 101n }, inTeam, charge)).toBeUndefined();
});

test("a role goes before a team: whoever may spend by their role uses up no team's limit", () => {
  const policy = { ...defaultSpendPolicy, teamMonthlyLimitMicro: 0n };
  const both: SpenderFacts = { role: "member", isInTeam: true, teamSpentMicro: 0n };
  expect(wayToSpend(policy, both)).toBe("role");
  expect(findSpendRefusal(policy, both, charge)).toBeUndefined();
  expect(findSpendRefusal({ ...policy, roles: [] }, both, charge)).toBe("team_limit");
});

test("a stricter policy never allows what a looser one refuses", () => {
  const limit = fc.option(fc.bigInt({ min: 1n, max: 50n }), { nil: null });
  const policies = fc.record({
    roles: fc.subarray([...roles]),
    teamsMaySpend: fc.boolean(),
    perSpendLimitMicro: limit,
    teamMonthlyLimitMicro: limit,
    models: fc.constantFrom(null, ["plain"], ["fancy"]),
  });
  const spenders = fc.record({
    role: fc.option(fc.constantFrom(...roles), { nil: null }),
    isInTeam: fc.boolean(),
    teamSpentMicro: fc.bigInt({ min: 0n, max: 60n }),
  });
  fc.assert(
    fc.property(policies, spenders, fc.bigInt({ min: 0n, max: 60n }), (policy, spender, amountMicro) => {
      const asked = { amountMicro, model: "plain" };
      if (findSpendRefusal(policy, spender, asked) === undefined)
        expect(findSpendRefusal(defaultSpendPolicy, spender, asked)).toBeUndefined();
    }),
  );
});
