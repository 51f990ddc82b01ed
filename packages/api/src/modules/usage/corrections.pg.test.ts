import type { Database } from "@guildhall/db";
import { withOrganization } from "@guildhall/db";
import { memberSpending, modelPrices } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, HOUR_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, givenUser } from "../../testing/given.ts";
import { appRouter } from "../../trpc/app.router.ts";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { createCallerFactory } from "../../trpc/init.ts";
import { addCredits, listTransactions, readWallet } from "../wallets/index.ts";
import { addPrice } from "./add-price.ts";
import { createRecordUsage } from "./record-usage.ts";
import { reverseUsage } from "./reverse-usage.ts";
import { listComingPrices, listPrices, listUsage } from "./usage.queries.ts";
import { verifyWallets } from "./verify-wallets.ts";

const CREDIT = 1_000_000n;

/** An organization with ten credits, and one use of half a credit by one of its members. */
async function given(services: Services, db: Database) {
  const owner = await givenOrganization(services);
  const member = await givenMember(services, owner, "member");
  await addCredits(services, owner, { amountMicro: 10n * CREDIT, idempotencyKey: newId() });
  const model = `model-${newId()}`;
  const price = { inputMicroPerMillion: 1_000_000n, outputMicroPerMillion: 0n };
  await db.drizzle.insert(modelPrices).values({ model, effectiveFrom: new Date(0), ...price });
  const record = createRecordUsage(services);
  const use = (inputTokens = 500_000) =>
    record(
      { ...owner, apiKeyId: null },
      { agent: "Support", model, member: member.email, inputTokens, outputTokens: 0, idempotencyKey: newId() },
    );
  return { owner, member, model, use, used: await use() };
}

function callAs(services: Services, { id, name, email, isPlatformAdmin }: User) {
  return createCallerFactory(appRouter)({
    services,
    readSession: async () => ({ session: { id: "s" }, user: { id, name, email, isPlatformAdmin } }),
    cookie: { set() {}, clear() {} },
    signInCookie: { read: () => undefined, set() {}, clear() {} },
    ...{ transport: "in_process", requestId: "r", address: "192.0.2.1", userAgent: "test" },
  }).usage;
}

const userOf = ({ userId: id, name, email }: OrganizationActor): User => ({ id, name, email, isPlatformAdmin: false });

pgTest("a reversal gives back exactly what the use cost and leaves both on record", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, member, model, used } = await given(services, db);
  const spent = () =>
    withOrganization(db, owner.organizationId, (tx) =>
      tx.db.select({ spentMicro: memberSpending.spentMicro }).from(memberSpending),
    );
  expect(await spent()).toEqual([{ spentMicro: 500_000n }]);
  const input = { usageId: used.id, reason: "Wrong model", idempotencyKey: newId() };
  const reversed = await reverseUsage(services, owner, input);
  expect(reversed).toEqual({
    ...{ id: input.idempotencyKey, usageId: used.id, amountMicro: 500_000n },
    ...{ balanceMicro: 10n * CREDIT, sequence: 3n, replayed: false },
  });
  const { items } = await listTransactions(db, owner.organizationId, { limit: 1 });
  expect(items).toMatchObject([
    {
      ...{ id: reversed.id, kind: "refund", description: "Wrong model", actorName: owner.name, amountMicro: "500000" },
      attributes: { usageId: used.id, agent: "Support", model, memberId: member.userId },
    },
  ]);
  const usage = await listUsage(db, owner.organizationId, { limit: 1 });
  expect(usage.items).toMatchObject([
    { id: used.id, amountMicro: "500000", reversal: { id: reversed.id, reason: "Wrong model" } },
  ]);
  // It counts against the member's allowance no longer.
  expect(await spent()).toEqual([{ spentMicro: 0n }]);
  expect(await verifyWallets(db, { bookId: owner.organizationId })).toEqual([]);
});

pgTest(
  "a use is reversed once: a retry learns the same, another key learns of the first",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, used, use } = await given(services, db);
    const input = { usageId: used.id, reason: "Wrong model", idempotencyKey: newId() };
    const first = await reverseUsage(services, owner, input);
    expect(await reverseUsage(services, owner, input)).toEqual({ ...first, replayed: true });
    expect(await reverseUsage(services, { ...owner, status: "archived" }, input)).toEqual({ ...first, replayed: true });
    await expect(reverseUsage(services, owner, { ...input, reason: "Other" })).rejects.toMatchObject({
      code: "idempotency_conflict",
    });
    await expect(reverseUsage(services, owner, { ...input, idempotencyKey: newId() })).rejects.toMatchObject({
      code: "already_reversed",
      details: { reversalId: first.id },
    });
    const other = await use();
    await expect(reverseUsage(services, owner, { ...input, usageId: other.id })).rejects.toMatchObject({
      code: "idempotency_conflict",
    });
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "9500000", sequence: "4" });
    const [shown] = (await listUsage(db, owner.organizationId, { limit: 1 })).items;
    expect(shown).toMatchObject({ id: other.id, reversal: null });
  },
);

pgTest(
  "many who reverse one use at once, on two connections, give it back once",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const [here, there] = [givenServices(db), givenServices(openSecondConnection())];
    onTestFinished(async () => {
      await Promise.all([here.stop(), there.stop()]);
    });
    const { owner, used, use } = await given(here, db);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) =>
        reverseUsage(n % 2 ? here : there, owner, { usageId: used.id, reason: "Race", idempotencyKey: newId() }),
      ),
    );
    const codes = outcomes.map((outcome) => (outcome.status === "fulfilled" ? "done" : outcome.reason.code));
    expect(codes.sort()).toEqual([...Array(11).fill("already_reversed"), "done"]);
    // Neighbours in the same batch are not touched by those that failed.
    const second = await use();
    const [, third] = await Promise.all([
      reverseUsage(here, owner, { usageId: second.id, reason: "Again", idempotencyKey: newId() }),
      use(),
    ]);
    expect(third.replayed).toBe(false);
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "9500000" });
    expect(await verifyWallets(db, { bookId: owner.organizationId })).toEqual([]);
  },
);

pgTest("what cannot be reversed is refused, by whom it may not be, too", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, member, used, use } = await given(services, db);
  const other = await given(services, db);
  const free = await use(0);
  const request = (usageId: string) => ({ usageId, reason: "Why", idempotencyKey: newId() });
  for (const usageId of [other.used.id, newId(), "x"]) {
    await expect(reverseUsage(services, owner, request(usageId))).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(reverseUsage(services, owner, request(free.id))).rejects.toMatchObject({ code: "invalid_input" });
  await expect(reverseUsage(services, { ...owner, status: "archived" }, request(used.id))).rejects.toMatchObject({
    code: "organization_inactive",
  });
  const organization = owner.slug;
  const asMember = callAs(services, userOf(member));
  await expect(asMember.reverse({ organization, ...request(used.id) })).rejects.toMatchObject({ code: "FORBIDDEN" });
  const asStranger = callAs(services, userOf(other.owner));
  await expect(asStranger.reverse({ organization, ...request(used.id) })).rejects.toMatchObject({ code: "NOT_FOUND" });
  const asOwner = callAs(services, userOf(owner));
  expect(await asOwner.reverse({ organization, ...request(used.id) })).toMatchObject({ amountMicro: "500000" });
});

pgTest(
  "a price version begins now or later, and what was used before keeps its price",
  async ({ db, onTestFinished }) => {
    let nowMs = Date.now();
    const services = givenServices(db, { clock: { now: () => new Date(nowMs) } });
    onTestFinished(() => services.stop());
    const { owner, model, use } = await given(services, db);
    const admin = { ...(await givenUser(db)), isPlatformAdmin: true };
    const effectiveFrom = new Date(nowMs + DAY_MS);
    const version = { model, inputMicroPerMillion: "2000000", outputMicroPerMillion: "0" };
    const call = callAs(services, admin);
    await call.addPrice({ ...version, effectiveFrom: effectiveFrom.toISOString() });
    await call.addPrice({ ...version, effectiveFrom: effectiveFrom.toISOString() });
    const ofModel = <T extends { model: string }>(prices: T[]) => prices.filter((price) => price.model === model);
    expect(ofModel(await listPrices(db, new Date(nowMs)))).toMatchObject([{ inputMicroPerMillion: "1000000" }]);
    expect(ofModel(await call.comingPrices({ organization: owner.slug }).catch(() => []))).toEqual([]);
    expect(ofModel(await listComingPrices(db, new Date(nowMs)))).toEqual([
      { ...version, effectiveFrom: effectiveFrom.toISOString() },
    ]);
    expect(await use()).toMatchObject({ amountMicro: 500_000n });
    nowMs += DAY_MS;
    expect(await use()).toMatchObject({ amountMicro: 1_000_000n });
    expect(ofModel(await listComingPrices(db, new Date(nowMs)))).toEqual([]);
    const now = await call.addPrice({ ...version, inputMicroPerMillion: "4000000" }).catch((error) => error);
    // At this very instant another version begins already.
    expect(now).toMatchObject({ code: "CONFLICT" });
    nowMs += HOUR_MS;
    await call.addPrice({ ...version, inputMicroPerMillion: "4000000" });
    expect(await use()).toMatchObject({ amountMicro: 2_000_000n });
  },
);

pgTest(
  "prices are added by administrators of the platform only, and nobody changes the past",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, model } = await given(services, db);
    const version = { model, inputMicroPerMillion: "1", outputMicroPerMillion: "1" };
    await expect(callAs(services, userOf(owner)).addPrice(version)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const admin = { ...(await givenUser(db)), isPlatformAdmin: true };
    const past = new Date(Date.now() - 1_000);
    const price = { model, inputMicroPerMillion: 1n, outputMicroPerMillion: 1n, effectiveFrom: past };
    await expect(addPrice(services, admin, price)).rejects.toMatchObject({ code: "invalid_input" });
    const call = callAs(services, admin);
    for (const wrong of ["-1", "1.5", "100000000001", ""]) {
      await expect(call.addPrice({ ...version, inputMicroPerMillion: wrong })).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    }
    await expect(db.sql`UPDATE model_prices SET input_micro_per_million = 0`).rejects.toThrow("permission denied");
    await expect(db.sql`DELETE FROM model_prices`).rejects.toThrow("permission denied");
  },
);

pgTest("S3.3 the app cannot write reversals itself, nor another organization's", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const [here, there] = [await given(services, db), await given(services, db)];
  await reverseUsage(services, there.owner, { usageId: there.used.id, reason: "Why", idempotencyKey: newId() });
  const { organizationId } = here.owner;
  const seen = await withOrganization(db, organizationId, (tx) => tx.sql`SELECT * FROM usage_reversals`);
  expect(seen).toEqual([]);
  const foreign = JSON.stringify([{ organizationId: there.owner.organizationId, usageId: newId(), id: newId() }]);
  await expect(
    withOrganization(db, organizationId, (tx) => tx.sql`SELECT record_reversals(${foreign}::jsonb, now())`),
  ).rejects.toThrow("another organization");
  await expect(
    withOrganization(db, organizationId, (tx) => tx.sql`SELECT record_free_usage(${foreign}::jsonb, now())`),
  ).rejects.toThrow("another organization");
  await expect(withOrganization(db, organizationId, (tx) => tx.sql`DELETE FROM usage_reversals`)).rejects.toThrow(
    "permission denied",
  );
});
