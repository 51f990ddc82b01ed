import { withOrganization } from "@guildhall/db";
import { auditEntries, teamSpending } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { verify } from "@guildhall/ledger";
import { isDomainError, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam, spenderOf } from "../../testing/given-teams.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { removeMember } from "../members/remove-member.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { deleteTeam } from "../teams/delete-team.ts";
import { removeTeam } from "../teams/remove-team.ts";
import { removeTeamMember } from "../teams/remove-team-member.ts";
import { createRecordUsages, reverseUsage } from "../usage/index.ts";
import { readWallet } from "../wallets/index.ts";
import { limitSpending } from "./limit-spending.ts";
import { readPolicyOf } from "./spend-policy.queries.ts";
import { defaultSpendPolicy } from "./spend-policy.ts";

async function givenPayer(services: Services) {
  const owner = await givenOrganization(services);
  await givenCredits(services, owner);
  const enterprise = await givenEnterprise(services, owner);
  const team = await givenTeam(services, enterprise);
  await assignTeam(services, owner, { teamId: team.teamId });
  return { owner, enterprise, ...team };
}

async function readTeamSpent(services: Services, { organizationId }: OrganizationActor): Promise<bigint> {
  const rows = await withOrganization(services.db, organizationId, (tx) => tx.db.select().from(teamSpending));
  return rows.reduce((sum, row) => sum + row.spentMicro, 0n);
}

pgTest(
  "S2.19 a refused charge names the role, the policy's rule, the balance or the allowance, and moves nothing",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, person } = await givenPayer(services);
    const member = await givenMember(services, owner, "member");
    const spend = spenderOf(services, owner);
    const policy = { ...defaultSpendPolicy, perSpendLimitMicro: 100n, teamMonthlyLimitMicro: 150n, models: ["plain"] };
    await limitSpending(services, owner, { ...policy, roles: ["owner"] });
    await expect(spend(member, 1)).rejects.toMatchObject({ code: "role_cannot_spend" });
    await expect(spend(owner, 101)).rejects.toMatchObject({
      code: "spend_policy_refused",
      details: { rule: "per_spend_limit" },
    });
    await expect(spend(owner, 1, "fancy")).rejects.toMatchObject({
      code: "spend_policy_refused",
      details: { rule: "model" },
    });
    await spend(person, 100);
    await expect(spend(person, 51)).rejects.toMatchObject({
      code: "spend_policy_refused",
      details: { rule: "team_limit" },
    });
    await spend(person, 50);
    await limitSpending(services, owner, { ...policy, teamsMaySpend: false });
    await expect(spend(person, 1)).rejects.toMatchObject({ code: "spend_policy_refused", details: { rule: "teams" } });
    await limitSpending(services, owner, defaultSpendPolicy);
    await expect(spend(owner, 2_000_000)).rejects.toMatchObject({ code: "insufficient_balance" });
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "999850" });
    expect(await readTeamSpent(services, owner)).toBe(150n);
  },
);

pgTest("programs that name nobody are not limited by the policy", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner } = await givenPayer(services);
  await limitSpending(services, owner, {
    ...{ roles: [], teamsMaySpend: false, perSpendLimitMicro: 1n, teamMonthlyLimitMicro: 0n, models: ["fancy"] },
  });
  await spenderOf(services, owner)(undefined, 500);
  expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "999500" });
});

pgTest("a reversal gives the team its month back", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, person } = await givenPayer(services);
  await limitSpending(services, owner, { ...defaultSpendPolicy, teamMonthlyLimitMicro: 100n });
  const spend = spenderOf(services, owner);
  const { id } = await spend(person, 100);
  await expect(spend(person, 1)).rejects.toMatchObject({ details: { rule: "team_limit" } });
  await reverseUsage(services, owner, { usageId: id, reason: "wrong", idempotencyKey: newId() });
  expect(await readTeamSpent(services, owner)).toBe(0n);
  await spend(person, 100);
});

pgTest(
  "a retry is answered with the first result, although the policy would refuse it now",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, person, teamId } = await givenPayer(services);
    const recordUsages = createRecordUsages(services);
    const actor = { organizationId: owner.organizationId, status: "active", apiKeyId: null } as const;
    const report = {
      ...{ agent: "a", model: "plain", inputTokens: 7, outputTokens: 0, idempotencyKey: newId(), member: person.email },
    };
    await recordUsages(actor, [report]);
    await removeTeam(services, owner, { teamId });
    await limitSpending(services, owner, { ...defaultSpendPolicy, teamsMaySpend: false });
    expect(await recordUsages(actor, [report])).toMatchObject([{ recorded: { amountMicro: 7n, replayed: true } }]);
  },
);

pgTest(
  "S0.12 charges of one team at once on two connections end exactly at its limit, and hurt nobody else",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const { owner, person } = await givenPayer(here);
    await limitSpending(here, owner, { ...defaultSpendPolicy, teamMonthlyLimitMicro: 700n });
    const spenders = [spenderOf(here, owner), spenderOf(there, owner)];
    const limited = Array.from({ length: 40 }, (_, n) => spenders[n % 2]?.(person, 50));
    const others = Array.from({ length: 40 }, (_, n) => spenders[n % 2]?.(owner, 7));
    const outcomes = await Promise.allSettled(limited);
    expect((await Promise.allSettled(others)).every(({ status }) => status === "fulfilled")).toBe(true);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(14);
    expect(await readTeamSpent(here, owner)).toBe(700n);
  },
);

type Payer = Awaited<ReturnType<typeof givenPayer>> & { member: OrganizationActor };

interface Taking {
  what: string;
  /** The event by which the organization's log says so. */
  type: string;
  whose: "person" | "member";
  take: (services: Services, payer: Payer) => Promise<unknown>;
}

/** What takes away the right to spend, of somebody in a team or of a member. */
const takings: Taking[] = [
  {
    ...{ what: "the team is removed", type: "team.removed", whose: "person" },
    take: (services, { owner, teamId }) => removeTeam(services, owner, { teamId }),
  },
  {
    ...{ what: "the team is deleted by its enterprise", type: "team.removed", whose: "person" },
    take: (services, { enterprise, teamId, name }) => deleteTeam(services, enterprise, { teamId, typedName: name }),
  },
  {
    ...{ what: "the person is taken out of the team", type: "team.member_removed", whose: "person" },
    take: (services, { enterprise, teamId, person }) =>
      removeTeamMember(services, enterprise, { teamId, userId: person.id }),
  },
  {
    ...{ what: "teams are forbidden to spend", type: "spend_policy.changed", whose: "person" },
    take: (services, { owner }) => limitSpending(services, owner, { ...defaultSpendPolicy, teamsMaySpend: false }),
  },
  {
    ...{ what: "the member is removed", type: "member.removed", whose: "member" },
    take: (services, { owner, member }) => removeMember(services, owner, { userId: member.userId }),
  },
];

for (const { what, type, whose, take } of takings) {
  pgTest(
    `S0.12 while charges run on two connections and ${what}: each is committed before that, or refused; none after`,
    async ({ db, openSecondConnection, onTestFinished }) => {
      const here = givenServices(db);
      const there = givenServices(openSecondConnection());
      onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
      for (let round = 0; round < 3; round += 1) {
        const made = await givenPayer(here);
        const payer = { ...made, member: await givenMember(here, made.owner, "member") };
        const spenders = [here, there, here, there, here, there].map((services) => spenderOf(services, payer.owner));
        const charging = chargeOnAndOn(spenders.map((spend) => () => spend(payer[whose], 1)));
        await charging.reach(12 + round * 7);
        await take(there, payer);
        const outcomes = await charging.stop();
        for (const outcome of outcomes)
          if (outcome.status === "rejected") expect(isDomainError(outcome.reason)).toBe(true);
        const log = await readLog(db, payer.owner.organizationId);
        const takenAt = log.findIndex((event) => event.type === type);
        expect(takenAt).toBeGreaterThan(0);
        expect(log.slice(takenAt).filter((event) => event.type === "wallet.balance_changed")).toEqual([]);
        const done = outcomes.filter(({ status }) => status === "fulfilled").length;
        expect(await readWallet(db, payer.owner.organizationId)).toMatchObject({
          balanceMicro: String(1_000_000 - done),
        });
        if (whose === "person") expect(await readTeamSpent(here, payer.owner)).toBe(BigInt(done));
      }
      expect(await verify(db)).toEqual([]);
    },
  );
}

/** Charges again and again, each charger one at a time, until it is stopped. */
function chargeOnAndOn(chargers: (() => Promise<unknown>)[]) {
  const charges: Promise<unknown>[] = [];
  const reached = new Map<number, () => void>();
  let isOver = false;
  const running = chargers.map(async (charge) => {
    while (!isOver) {
      const charged = charge();
      charges.push(charged);
      reached.get(charges.length)?.();
      await charged.catch(() => {});
    }
  });
  return {
    reach: (count: number) => new Promise<void>((resolve) => reached.set(count, resolve)),
    async stop() {
      isOver = true;
      await Promise.all(running);
      return Promise.allSettled(charges);
    },
  };
}

pgTest(
  "a change of the policy is announced to everybody and audited with what changed; the same again is neither",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner } = await givenPayer(services);
    const policy = {
      ...defaultSpendPolicy,
      roles: ["member", "owner"] as const,
      perSpendLimitMicro: 5n,
      models: ["plain", "fancy"],
    };
    await limitSpending(services, owner, policy);
    await limitSpending(services, owner, { ...policy, roles: ["owner", "member"], models: ["fancy", "plain"] });
    const events = (await readLog(db, owner.organizationId)).filter((event) => event.type === "spend_policy.changed");
    expect(events).toMatchObject([
      {
        payload: {
          roles: ["owner", "member"],
          perSpendLimitMicro: "5",
          models: ["fancy", "plain"],
          teamsMaySpend: true,
        },
      },
    ]);
    const audited = await withOrganization(db, owner.organizationId, (tx) => tx.db.select().from(auditEntries));
    expect(audited.filter((row) => row.action === "spend_policy.changed")).toMatchObject([
      { before: { perSpendLimitMicro: null, models: null }, after: { perSpendLimitMicro: "5" } },
    ]);
    expect(await readPolicyOf(db, owner)).toMatchObject({ perSpendLimitMicro: "5", you: { maySpend: true } });
  },
);

pgTest("only billing managers change the policy, and only to models that exist", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner } = await givenPayer(services);
  for (const role of ["admin", "member"] as const) {
    const actor = await givenMember(services, owner, role);
    const attempt = limitSpending(services, actor, { ...defaultSpendPolicy, teamsMaySpend: false });
    await expect(attempt).rejects.toMatchObject({ code: "forbidden" });
  }
  const misspelt = limitSpending(services, owner, { ...defaultSpendPolicy, models: ["plane"] });
  await expect(misspelt).rejects.toMatchObject({ code: "invalid_input", details: { field: "models" } });
});

pgTest(
  "S3.3 the app cannot write what teams have spent, nor judge another organization's charges",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, teamId, person } = await givenPayer(services);
    const other = await givenOrganization(services);
    const write = withOrganization(
      db,
      owner.organizationId,
      (tx) => tx.sql`
    INSERT INTO team_spending VALUES (${owner.organizationId}, ${teamId}, '2026-11-01', 0)`,
    );
    await expect(write).rejects.toMatchObject({ code: "42501" });
    const judge = withOrganization(
      db,
      other.organizationId,
      (tx) => tx.sql`
    SELECT admit_spends(now(), ${[newId()]}::uuid[], ${[owner.organizationId]}::uuid[], ${[person.id]}::uuid[], ${["1"]}::bigint[], ${["m"]}::text[])`,
    );
    await expect(judge).rejects.toMatchObject({ code: "42501" });
  },
);
