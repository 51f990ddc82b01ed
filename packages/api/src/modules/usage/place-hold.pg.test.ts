import { type Database, withOrganization } from "@guildhall/db";
import { holdMembers, memberSpending, teamSpending } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { MINUTE_MS, newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { givenMember, givenOrganization, givenServices, givenUser } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam, spenderOf } from "../../testing/given-teams.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { setAllowance } from "../allowances/set-allowance.ts";
import { removeMember } from "../members/remove-member.ts";
import { limitSpending } from "../spend-policy/limit-spending.ts";
import { defaultSpendPolicy } from "../spend-policy/spend-policy.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { listHolds, listTransactions, releaseHold, settleHold } from "../wallets/index.ts";
import { createPlaceHold, type NamedHoldOrder } from "./place-hold.ts";
import { createRecordUsage } from "./record-usage.ts";
import { verifyWallets } from "./verify-wallets.ts";

async function given(db: Database) {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await givenCredits(services, owner);
  const member = await givenMember(services, owner, "member");
  return { services, owner, member, hold: holderOf(services, owner) };
}

/** Places holds of an organization: so many micro-credits, in somebody's name. */
function holderOf(services: Services, of: OrganizationActor) {
  const placeHold = createPlaceHold(services);
  return (amountMicro: bigint, member?: { email: string }, more: Partial<NamedHoldOrder> = {}) =>
    placeHold(of, {
      ...{ amountMicro, description: "A job", ttlSeconds: 60, toleranceMicro: 0n, idempotencyKey: newId() },
      ...(member && { member: member.email }),
      ...more,
    });
}

const settle = (services: Services, of: OrganizationActor, [holdId, amountMicro]: [string, bigint]) =>
  settleHold(services, of, { holdId, amountMicro, description: "Done", idempotencyKey: newId() });

/** What counts as spent: by members, then by teams. */
function readCounts(db: Database, { organizationId }: OrganizationActor) {
  return withOrganization(db, organizationId, async (tx) => [
    (await tx.db.select().from(memberSpending)).map((row) => row.spentMicro),
    (await tx.db.select().from(teamSpending)).map((row) => row.spentMicro),
  ]);
}

pgTest(
  "C10 a hold in somebody’s name counts the most it can take until it ends, then what was used",
  async ({ db }) => {
    const { services, owner, member, hold } = await given(db);
    await setAllowance(services, owner, { allowanceMicro: 100n });
    const { holdId } = await hold(50n, member, { toleranceMicro: 10n, model: "plain" });
    expect(await readCounts(db, owner)).toEqual([[60n], []]);
    await expect(hold(41n, member)).rejects.toMatchObject({ code: "allowance_exceeded" });
    await expect(spenderOf(services, owner)(member, 41)).rejects.toMatchObject({ code: "allowance_exceeded" });
    expect(await listHolds(services, owner.organizationId)).toMatchObject([
      { holdId, description: "A job", memberId: member.userId, memberName: member.name, model: "plain" },
    ]);
    await settle(services, owner, [holdId, 55n]);
    expect(await readCounts(db, owner)).toEqual([[55n], []]);
    const released = await hold(45n, member);
    expect(await readCounts(db, owner)).toEqual([[100n], []]);
    await releaseHold(services, owner, { holdId: released.holdId, idempotencyKey: newId() });
    expect(await readCounts(db, owner)).toEqual([[55n], []]);
    const unused = await hold(45n, member);
    await settle(services, owner, [unused.holdId, 0n]);
    await spenderOf(services, owner)(member, 45);
    expect(await readCounts(db, owner)).toEqual([[100n], []]);
    const { items } = await listTransactions(db, owner.organizationId, { member: member.userId, limit: 50 });
    expect(items.map(({ kind, amountMicro, attributes }) => [kind, amountMicro, attributes.memberName])).toEqual([
      ["usage", "-45", member.name],
      ["release", "45", member.name],
      ["hold", "-45", member.name],
      ["release", "45", member.name],
      ["hold", "-45", member.name],
      ["usage", "-55", member.name],
      ["release", "50", member.name],
      ["hold", "-50", member.name],
    ]);
    expect(await verifyWallets(db)).toEqual([]);
  },
);

pgTest("C10 a hold that nobody ends counts no more from the moment it is due", async ({ db }) => {
  let now = new Date();
  const services = givenServices(db, { clock: { now: () => now } });
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await givenCredits(services, owner);
  const member = await givenMember(services, owner, "member");
  const hold = holderOf(services, owner);
  await hold(50n, member);
  await hold(7n);
  now = new Date(now.getTime() + MINUTE_MS);
  await spenderOf(services, owner)(undefined, 1);
  expect(await readCounts(db, owner)).toEqual([[0n], []]);
});

pgTest("S2.19 who may not spend may not reserve: role, team, policy and stranger are told apart", async ({ db }) => {
  const { services, owner, member, hold } = await given(db);
  const enterprise = await givenEnterprise(services, owner);
  const { teamId, person } = await givenTeam(services, enterprise);
  const stranger = await givenUser(db, "Stranger");
  const unknown = { code: "unknown_member" };
  await expect(hold(1n, stranger)).rejects.toMatchObject(unknown);
  await expect(hold(1n, person)).rejects.toMatchObject(unknown);
  await assignTeam(services, owner, { teamId });
  const policy = { ...defaultSpendPolicy, roles: ["owner"] as const, perSpendLimitMicro: 30n };
  await limitSpending(services, owner, { ...policy, teamMonthlyLimitMicro: 40n, models: ["plain"] });
  await expect(hold(1n, member, { model: "plain" })).rejects.toMatchObject({ code: "role_cannot_spend" });
  const refused = (rule: string) => ({ code: "spend_policy_refused", details: { rule } });
  await expect(hold(1n, person, { model: "fancy" })).rejects.toMatchObject(refused("model"));
  await expect(hold(1n, person)).rejects.toMatchObject(refused("model"));
  await expect(hold(25n, person, { model: "plain", toleranceMicro: 6n })).rejects.toMatchObject(
    refused("per_spend_limit"),
  );
  const held = await hold(30n, person, { model: "plain" });
  expect(await readCounts(db, owner)).toEqual([[30n], [30n]]);
  await expect(hold(11n, person, { model: "plain" })).rejects.toMatchObject(refused("team_limit"));
  await settle(services, owner, [held.holdId, 12n]);
  expect(await readCounts(db, owner)).toEqual([[12n], [12n]]);
  await hold(28n, person, { model: "plain" });
  await hold(1_000n);
});

pgTest("a hold in somebody’s name is placed once per key, and settled after they have left", async ({ db }) => {
  const { services, owner, member, hold } = await given(db);
  await setAllowance(services, owner, { allowanceMicro: 50n });
  const key = { idempotencyKey: newId() };
  const first = await hold(50n, member, key);
  await removeMember(services, owner, { userId: member.userId });
  expect(await hold(50n, member, key)).toMatchObject({ holdId: first.holdId, replayed: true });
  await expect(hold(50n, owner, key)).rejects.toMatchObject({ code: "idempotency_conflict" });
  await expect(hold(49n, member, key)).rejects.toMatchObject({ code: "idempotency_conflict" });
  await expect(hold(50n, member)).rejects.toMatchObject({ code: "unknown_member" });
  const end = { holdId: first.holdId, amountMicro: 20n, description: "Done", idempotencyKey: newId() };
  await settleHold(services, owner, end);
  expect(await settleHold(services, owner, end)).toMatchObject({ replayed: true });
  await expect(settleHold(services, owner, { ...end, amountMicro: 21n })).rejects.toMatchObject({
    code: "idempotency_conflict",
  });
  expect(await readCounts(db, owner)).toEqual([[20n], []]);
});

pgTest(
  "the database refuses what the reader before it let pass: many holds at once end at the allowance",
  async ({ db, openSecondConnection }) => {
    const { services, owner, member } = await given(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => there.stop());
    await setAllowance(services, owner, { allowanceMicro: 700n });
    const holders = [holderOf(services, owner), holderOf(there, owner)];
    const spend = spenderOf(there, owner);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) => (n % 3 === 2 ? spend(member, 50) : holders[n % 2]?.(50n, member))),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
    expect(refused).toEqual(Array.from({ length: 26 }, () => "allowance_exceeded"));
    expect(await readCounts(db, owner)).toEqual([[700n], []]);
    const named = await withOrganization(db, owner.organizationId, (tx) => tx.db.select().from(holdMembers));
    expect(named).toHaveLength((await listHolds(services, owner.organizationId)).length);
  },
);

pgTest("a hold and a use under the same key of a program are two things, whoever they are for", async ({ db }) => {
  const { services, owner, hold } = await given(db);
  const { teamId, person } = await givenTeam(services, await givenEnterprise(services, owner));
  await assignTeam(services, owner, { teamId });
  await limitSpending(services, owner, { ...defaultSpendPolicy, teamMonthlyLimitMicro: 100_000n });
  const recordUsage = createRecordUsage(services);
  const use = (member: { email: string } | undefined, idempotencyKey: string) =>
    recordUsage(
      { organizationId: owner.organizationId, status: "active", apiKeyId: null },
      {
        agent: "a",
        model: "plain",
        inputTokens: 5,
        outputTokens: 0,
        idempotencyKey,
        ...(member && { member: member.email }),
      },
    );
  const named = [person, owner, undefined];
  const pairs = named.flatMap((one) =>
    named.flatMap((other) => [true, false].map((first) => [one, other, first] as const)),
  );
  for (const [n, [holder, user, isHoldFirst]] of pairs.entries()) {
    const idempotencyKey = `job-${n}`;
    const place = () => hold(900n, holder, { model: "plain", idempotencyKey });
    if (!isHoldFirst) await use(user, idempotencyKey);
    const { holdId } = await place();
    if (isHoldFirst) await use(user, idempotencyKey);
    await releaseHold(services, owner, { holdId, idempotencyKey: newId() });
  }
  // 18 pairs; six uses for each. The team's count knows only whom nothing but the team lets spend.
  const [byMember, byTeam] = await readCounts(db, owner);
  expect(byMember?.toSorted()).toEqual([30n, 30n]);
  expect(byTeam).toEqual([30n]);
  expect(await verifyWallets(db)).toEqual([]);
});
