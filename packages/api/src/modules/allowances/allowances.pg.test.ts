import { modelPrices } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, isDomainError, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { createRecordUsage } from "../usage/index.ts";
import { addCredits, readWallet } from "../wallets/index.ts";
import { readAllowance } from "./allowances.queries.ts";
import { setAllowance } from "./set-allowance.ts";

/** One credit per million tokens: a use of N tokens costs N micro-credits. */
async function givenFundedOrganization(
  services: Services,
): Promise<{ owner: OrganizationActor; member: OrganizationActor }> {
  await services.db.drizzle
    .insert(modelPrices)
    .values({ model: "plain", effectiveFrom: new Date(0), inputMicroPerMillion: 1_000_000n, outputMicroPerMillion: 0n })
    .onConflictDoNothing();
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  await addCredits(services, owner, { amountMicro: 1_000_000n, idempotencyKey: newId() });
  return { owner, member };
}

function spender(services: Services, of: OrganizationActor) {
  const recordUsage = createRecordUsage(services);
  const actor = { organizationId: of.organizationId, status: "active", apiKeyId: null } as const;
  return (inputTokens: number, member: string | undefined = of.email) =>
    recordUsage(actor, {
      agent: "a",
      model: "plain",
      inputTokens,
      outputTokens: 0,
      idempotencyKey: newId(),
      ...(member && { member }),
    });
}

pgTest(
  "S1.15 C10 a member spends up to the monthly allowance to the last millionth, and not one more",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, member } = await givenFundedOrganization(services);
    await setAllowance(services, owner, { allowanceMicro: 1_000n });
    const spend = spender(services, member);
    await spend(600);
    await expect(spend(401)).rejects.toMatchObject({ code: "allowance_exceeded" });
    await spend(400);
    await expect(spend(1)).rejects.toMatchObject({ code: "allowance_exceeded" });
    const now = services.clock.now();
    expect(await readAllowance(db, member, now)).toMatchObject({
      allowanceMicro: "1000",
      spentMicro: "1000",
      remainingMicro: "0",
      timeZone: "UTC",
    });
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "999000" });
    await spender(services, owner)(1_000);
  },
);

pgTest(
  "C10 an allowance of zero is no spending, an empty one no limit; programs without a member are not limited",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, member } = await givenFundedOrganization(services);
    const spend = spender(services, member);
    await spend(500);
    await setAllowance(services, owner, { allowanceMicro: 0n });
    await expect(spend(1)).rejects.toMatchObject({ code: "allowance_exceeded" });
    await spend(1, "");
    await setAllowance(services, owner, { allowanceMicro: null });
    await spend(5_000);
    const types = (await readLog(db, owner.organizationId)).map((event) => event.type);
    expect(types.filter((type) => type === "allowance.changed")).toHaveLength(2);
  },
);

pgTest("S1.15 the allowance starts anew with the calendar month (UTC)", async ({ db, onTestFinished }) => {
  let now = new Date("2026-11-30T23:59:59.999Z");
  const services = givenServices(db, { clock: { now: () => now } });
  onTestFinished(() => services.stop());
  const { owner, member } = await givenFundedOrganization(services);
  await setAllowance(services, owner, { allowanceMicro: 100n });
  const spend = spender(services, member);
  await spend(100);
  await expect(spend(1)).rejects.toMatchObject({ code: "allowance_exceeded" });
  now = new Date(now.getTime() + 1);
  await spend(100);
  expect(await readAllowance(db, member, now)).toMatchObject({ month: "2026-12", spentMicro: "100" });
  now = new Date(now.getTime() - 30 * DAY_MS);
  await expect(spend(1)).rejects.toMatchObject({ code: "allowance_exceeded" });
});

pgTest(
  "S1.15 many charges of one member at once on two connections end exactly at the allowance, and hurt nobody else",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const { owner, member } = await givenFundedOrganization(here);
    await setAllowance(here, owner, { allowanceMicro: 700n });
    const spenders = [spender(here, member), spender(there, member)];
    const others = [spender(here, owner), spender(there, owner)];
    const limited = Array.from({ length: 40 }, (_, n) => spenders[n % 2]?.(50));
    const free = Array.from({ length: 40 }, (_, n) => others[n % 2]?.(7, ""));
    const outcomes = await Promise.allSettled(limited);
    expect((await Promise.allSettled(free)).every((outcome) => outcome.status === "fulfilled")).toBe(true);
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(14);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected")
        expect(isDomainError(outcome.reason) && outcome.reason.code).toBe("allowance_exceeded");
    }
    expect(await readAllowance(db, member, new Date())).toMatchObject({ spentMicro: "700" });
  },
);
