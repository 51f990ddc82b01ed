import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam } from "../../testing/given-teams.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { addCredits, releaseHold, settleHold } from "../wallets/index.ts";
import { createPlaceHold } from "./place-hold.ts";
import { createRecordUsage } from "./record-usage.ts";
import { reverseUsage } from "./reverse-usage.ts";
import { verifyWallets } from "./verify-wallets.ts";

/**
 * An organization in which uses were charged, taken back and reserved for: in nobody's name, in a member's and in that of somebody in
 * a team, under keys of both forms, in batches of uses alone and in company.
 */
async function givenSpending(db: Database) {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await givenCredits(services, owner);
  const member = await givenMember(services, owner, "member");
  const { teamId, person } = await givenTeam(services, await givenEnterprise(services, owner));
  await assignTeam(services, owner, { teamId });
  const [recordUsage, placeHold] = [createRecordUsage(services), createPlaceHold(services)];
  const use = (inputTokens: number, named: { member?: string }, idempotencyKey = newId()) =>
    recordUsage(
      { organizationId: owner.organizationId, status: "active", apiKeyId: null },
      { agent: "a", model: "plain", inputTokens, outputTokens: 0, idempotencyKey, ...named },
    );
  const end = (holdId: string) => ({ holdId, idempotencyKey: newId() });
  for (const named of [{}, { member: member.email }, { member: person.email }]) {
    const who = named.member ?? "nobody";
    await use(10, named);
    await use(11, named, `alone ${who}`);
    await Promise.all([addCredits(services, owner, { amountMicro: 1n, idempotencyKey: newId() }), use(12, named, who)]);
    await use(0, named);
    for (const key of [newId(), `wrong ${who}`]) {
      const wrong = await use(13, named, key);
      await reverseUsage(services, owner, { usageId: wrong.id, reason: "Wrong", idempotencyKey: `no ${key}` });
    }
    const place = (amountMicro: bigint) =>
      placeHold(owner, {
        ...{ amountMicro, description: "A job", ttlSeconds: 60, toleranceMicro: 2n, idempotencyKey: newId() },
        ...named,
      });
    await place(20n);
    await settleHold(services, owner, { ...end((await place(30n)).holdId), amountMicro: 31n, description: "Done" });
    await releaseHold(services, owner, end((await place(40n)).holdId));
  }
  return { owner, member, person, teamId, organizationId: owner.organizationId };
}

pgTest("after every kind of spending nothing is reported, of one organization or of all", async ({ db }) => {
  const { organizationId } = await givenSpending(db);
  expect(await verifyWallets(db, { bookId: organizationId })).toEqual([]);
  expect(await verifyWallets(db)).toEqual([]);
});

const [MEMBER, TEAM] = ["member_spending_is_not_what_was_used", "team_spending_is_not_what_was_used"];

pgTest.for([
  [
    "a member’s count that is too high",
    "UPDATE member_spending SET spent_micro = spent_micro + 1 WHERE member_id = 'MEMBER'",
    [MEMBER],
  ],
  ["a member’s count that is gone", "DELETE FROM member_spending WHERE member_id = 'MEMBER'", [MEMBER]],
  [
    "a team’s count that is too low",
    "UPDATE team_spending SET spent_micro = spent_micro - 1 WHERE organization_id = '$'",
    [TEAM],
  ],
  [
    "a use that counts otherwise for the team",
    "UPDATE team_uses SET amount_micro = 11 WHERE organization_id = '$' AND amount_micro = 12",
    ["team_use_is_not_what_was_used", TEAM],
  ],
  [
    "a use of a team that nobody made",
    "UPDATE team_uses SET usage_id = '0197a000-0000-7000-8000-000000000001' WHERE organization_id = '$' AND amount_micro = 12",
    ["team_use_is_not_what_was_used"],
  ],
  [
    "a hold that reserves otherwise for its member",
    "UPDATE hold_members SET reserved_micro = 21 WHERE member_id = 'MEMBER' AND reserved_micro = 22",
    ["hold_member_is_not_of_the_hold", MEMBER],
  ],
  [
    "a hold that is in another’s name",
    "UPDATE hold_members SET member_id = 'OWNER' WHERE member_id = 'MEMBER' AND reserved_micro = 22",
    ["hold_member_is_not_of_the_hold", MEMBER, MEMBER],
  ],
  [
    "a hold that is in nobody’s name any more",
    "DELETE FROM hold_members WHERE member_id = 'MEMBER' AND reserved_micro = 42",
    ["hold_lacks_its_member"],
  ],
  [
    "a use that cost otherwise than was posted",
    "UPDATE usage_events SET amount_micro = 9 WHERE organization_id = '$' AND member_id IS NULL AND amount_micro = 10",
    ["use_is_not_its_posting"],
  ],
  [
    "a use without a posting",
    "UPDATE usage_events SET posting_id = id WHERE organization_id = '$' AND member_id IS NULL AND amount_micro = 12",
    ["use_is_not_its_posting"],
  ],
  [
    "a use that is gone, whose posting says nothing of its own",
    "DELETE FROM usage_events WHERE organization_id = '$' AND member_id IS NULL AND amount_micro = 10",
    ["posting_lacks_its_use"],
  ],
  [
    "a use that is not that of its silent posting any more",
    "UPDATE usage_events SET amount_micro = 0, posting_id = NULL WHERE organization_id = '$' AND member_id IS NULL AND amount_micro = 10",
    ["posting_lacks_its_use"],
  ],
  [
    "a correction that is gone",
    "DELETE FROM usage_reversals r USING usage_events u WHERE u.organization_id = '$' AND u.id = r.usage_id AND u.member_id IS NULL",
    ["refund_without_its_reversal", "refund_without_its_reversal"],
  ],
  [
    "a correction of another refund",
    "UPDATE usage_reversals SET id = usage_id WHERE organization_id = '$'",
    Array(6).fill("reversal_is_not_its_refund"),
  ],
] as const)("verify-ledger reports %s, and for whom", async ([, statement, findings], { db, superuserDb }) => {
  const { organizationId, member, owner } = await givenSpending(db);
  const tamper = { $: organizationId, MEMBER: member.userId, OWNER: owner.userId };
  const changed = await superuserDb.sql.unsafe(
    Object.entries(tamper).reduce((text, [name, id]) => text.replaceAll(name, id), statement as string),
  );
  expect(changed.count).toBeGreaterThan(0);
  const drift = await verifyWallets(db, { bookId: organizationId });
  expect(drift.map((one) => one.finding).sort()).toEqual([...(findings as readonly string[])].sort());
  for (const { bookId, subject, expected, found } of drift) {
    expect(bookId).toBe(organizationId);
    expect(subject).toMatch(/^(member|team|use|hold|posting) [0-9a-f-]{36}/);
    expect(expected).not.toBe(found);
  }
  expect(await verifyWallets(db, { bookId: organizationId })).toEqual(drift);
});
