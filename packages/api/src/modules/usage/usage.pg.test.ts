import { type Database, withOrganization } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, HOUR_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { addCredits, listTransactions, readWallet } from "../wallets/index.ts";
import type { UsageActor } from "./price-use.ts";
import { createRecordUsage } from "./record-usage.ts";
import { listPrices, listUsage } from "./usage.queries.ts";
import type { ReportedUsage } from "./usage-input.ts";
import { verifyWallets } from "./verify-wallets.ts";

const CREDIT = 1_000_000n;

async function givenPrice(db: Database, micro: [bigint, bigint], effectiveFrom = new Date(0)): Promise<string> {
  const model = `model-${newId()}`;
  await setPrice(db, { model, micro, effectiveFrom });
  return model;
}

async function setPrice(db: Database, price: { model: string; micro: [bigint, bigint]; effectiveFrom: Date }) {
  const [inputMicroPerMillion, outputMicroPerMillion] = price.micro;
  const { model, effectiveFrom } = price;
  await db.drizzle.insert(modelPrices).values({ model, effectiveFrom, inputMicroPerMillion, outputMicroPerMillion });
}

/** An organization with credits, and a model at 150,000 and 600,000 micro-credits per million tokens. */
async function given(services: Services, credits = 10n) {
  const owner = await givenOrganization(services);
  if (credits > 0n) await addCredits(services, owner, { amountMicro: credits * CREDIT, idempotencyKey: newId() });
  const model = await givenPrice(services.db, [150_000n, 600_000n]);
  return { owner, actor: programOf(owner), model };
}

function programOf({ organizationId, status }: OrganizationActor): UsageActor {
  return { organizationId, status, apiKeyId: null };
}

function use(model: string, more: Partial<ReportedUsage> = {}): ReportedUsage {
  return { agent: "Support", model, inputTokens: 200_000, outputTokens: 28_333, idempotencyKey: newId(), ...more };
}

pgTest("S2.18 S1.13 a use debits its exact cost and is recorded with its posting", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, actor, model } = await given(services);
  const member = await givenMember(services, owner, "member");
  const record = createRecordUsage(services);
  const reported = use(model, { member: member.email.toUpperCase() });
  const recorded = await record(actor, reported);
  expect(recorded).toEqual({
    id: reported.idempotencyKey,
    amountMicro: 47_000n,
    balanceMicro: 9_953_000n,
    sequence: 2n,
    replayed: false,
  });
  const usage = await listUsage(db, owner.organizationId, { limit: 10 });
  expect(usage.items).toMatchObject([
    { id: recorded.id, agent: "Support", memberName: "member", model, inputTokens: 200_000, amountMicro: "47000" },
  ]);
  const { items } = await listTransactions(db, owner.organizationId, { limit: 1 });
  expect(items).toMatchObject([
    { id: recorded.id, kind: "usage", amountMicro: "-47000", attributes: { agent: "Support", memberName: "member" } },
  ]);
  expect(await verifyWallets(db, { bookId: owner.organizationId })).toEqual([]);
});

pgTest(
  "an empty wallet refuses a use with both amounts and no effect; the same key works after a top-up",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, actor, model } = await given(services, 0n);
    const record = createRecordUsage(services);
    const reported = use(model);
    await expect(record(actor, reported)).rejects.toMatchObject({
      code: "insufficient_balance",
      details: { balanceMicro: "0", requiredMicro: "47000" },
    });
    expect((await listUsage(db, owner.organizationId, { limit: 10 })).items).toEqual([]);
    expect((await readLog(db, owner.organizationId)).some(({ type }) => type === "wallet.balance_changed")).toBe(false);
    await addCredits(services, owner, { amountMicro: CREDIT, idempotencyKey: newId() });
    expect(await record(actor, reported)).toMatchObject({ amountMicro: 47_000n, replayed: false });
  },
);

pgTest(
  "a repeated report is answered with the first result, charged once; another one under its key is a conflict",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, actor, model } = await given(services);
    const record = createRecordUsage(services);
    const reported = use(model, { idempotencyKey: "order 17, line 3" });
    const first = await record(actor, reported);
    await record(actor, use(model));
    expect(await record(actor, reported)).toEqual({ ...first, replayed: true });
    const other = await givenMember(services, owner, "member");
    const changes: Partial<ReportedUsage>[] = [
      { outputTokens: 28_334 },
      { agent: "Sales" },
      { member: other.email },
      { occurredAt: "2026-01-01T00:00:00Z" },
      { model: await givenPrice(db, [150_000n, 600_000n]) },
      { model: await givenPrice(db, [0n, 0n]) },
      { model: "none" },
    ];
    for (const change of changes) {
      const changed = record(actor, { ...reported, ...change });
      await expect(changed, JSON.stringify(change)).rejects.toMatchObject({ code: "idempotency_conflict" });
    }
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: String(10n * CREDIT - 94_000n) });
  },
);

pgTest(
  "two connections racing on one key charge it once and both learn the same",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(async () => {
      await Promise.all([here.stop(), there.stop()]);
    });
    const { owner, actor, model } = await given(here);
    const [recordHere, recordThere] = [createRecordUsage(here), createRecordUsage(there)];
    const free = await givenPrice(db, [0n, 0n]);
    const reports = [...Array.from({ length: 20 }, () => use(model)), ...Array.from({ length: 5 }, () => use(free))];
    const outcomes = await Promise.all(
      reports.map((reported) =>
        Promise.all([recordHere(actor, reported), recordThere(actor, reported), recordHere(actor, reported)]),
      ),
    );
    for (const same of outcomes) {
      expect(same.map(({ replayed }) => replayed).sort()).toEqual([false, true, true]);
      expect(new Set(same.map(({ id, amountMicro, sequence }) => `${id} ${amountMicro} ${sequence}`)).size).toBe(1);
    }
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ sequence: "21" });
    expect((await listUsage(db, owner.organizationId, { limit: 100 })).items).toHaveLength(25);
  },
);

pgTest(
  "a retry gets the first result although price, member or status have changed since",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, actor, model } = await given(services);
    const member = await givenMember(services, owner, "member");
    const reported = use(model, { member: member.userId });
    const first = await createRecordUsage(services)(actor, reported);
    const again = { ...first, replayed: true };

    await setPrice(db, { model, micro: [999_000n, 999_000n], effectiveFrom: new Date(Date.now() - HOUR_MS) });
    expect(await createRecordUsage(services)(actor, reported)).toEqual(again);
    await setPrice(db, { model, micro: [0n, 0n], effectiveFrom: new Date(Date.now() - HOUR_MS / 2) });
    expect(await createRecordUsage(services)(actor, reported)).toEqual(again);
    await superuserDb.sql`DELETE FROM members WHERE organization_id = ${owner.organizationId} AND user_id = ${member.userId}`;
    expect(await createRecordUsage(services)(actor, reported)).toEqual(again);
    await superuserDb.sql`DELETE FROM model_prices WHERE model = ${model}`;
    expect(await createRecordUsage(services)(actor, reported)).toEqual(again);
    expect(await createRecordUsage(services)({ ...actor, status: "inactive" }, reported)).toEqual(again);
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "9953000" });
  },
);

pgTest(
  "a use that was free stays free at the retry, whatever the model costs by then",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { owner, actor } = await given(services);
    const model = await givenPrice(db, [0n, 0n]);
    const reported = use(model);
    const first = await createRecordUsage(services)(actor, reported);
    expect(first).toMatchObject({ amountMicro: 0n, sequence: null, replayed: false, balanceMicro: 10n * CREDIT });
    await setPrice(db, { model, micro: [1_000n, 1_000n], effectiveFrom: new Date(Date.now() - HOUR_MS) });
    expect(await createRecordUsage(services)(actor, reported)).toEqual({ ...first, replayed: true });
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "10000000", sequence: "1" });
  },
);

pgTest(
  "a use that was free is repeated, not refused, when it has a price and the wallet is empty",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { actor } = await given(services, 0n);
    const model = await givenPrice(db, [0n, 0n]);
    const reported = use(model);
    const first = await createRecordUsage(services)(actor, reported);
    await setPrice(db, { model, micro: [1_000_000n, 1_000_000n], effectiveFrom: new Date(Date.now() - HOUR_MS) });
    const record = createRecordUsage(services);
    expect(await record(actor, reported)).toEqual({ ...first, replayed: true });
    await expect(record(actor, use(model))).rejects.toMatchObject({ code: "insufficient_balance" });
  },
);

pgTest("what cannot be billed is refused by name, with no effect", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, actor, model } = await given(services);
  const { owner: stranger } = await given(services, 0n);
  const record = createRecordUsage(services);
  const late = await givenPrice(db, [1n, 1n], new Date(Date.now() + DAY_MS));
  await expect(record(actor, use("no-such"))).rejects.toMatchObject({
    code: "unknown_model",
    details: { model: "no-such" },
  });
  await expect(record(actor, use(late))).rejects.toMatchObject({ code: "unknown_model" });
  for (const member of [stranger.email, stranger.userId, "Nobody"]) {
    await expect(record(actor, use(model, { member }))).rejects.toMatchObject({
      code: "unknown_member",
      details: { member },
    });
  }
  for (const status of ["inactive", "archived", "pending_deletion"] as const) {
    await expect(record({ ...actor, status }, use(model))).rejects.toMatchObject({ code: "organization_inactive" });
  }
  const occurredAt = new Date(Date.now() + HOUR_MS).toISOString();
  await expect(record(actor, use(model, { occurredAt }))).rejects.toMatchObject({ code: "invalid_input" });
  expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "10000000" });
  expect((await listUsage(db, owner.organizationId, { limit: 1 })).items).toEqual([]);
});

pgTest("the price of the day holds: a use of last week costs last week's price", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { actor } = await given(services);
  const now = Date.now();
  const model = await givenPrice(db, [1_000_000n, 0n], new Date(now - 30 * DAY_MS));
  await setPrice(db, { model, micro: [2_000_000n, 0n], effectiveFrom: new Date(now - DAY_MS) });
  const record = createRecordUsage(services);
  const tokens = { inputTokens: 1_000_000, outputTokens: 0 };
  const occurredAt = new Date(now - 7 * DAY_MS).toISOString();
  expect(await record(actor, use(model, { ...tokens, occurredAt }))).toMatchObject({ amountMicro: 1_000_000n });
  expect(await record(actor, use(model, tokens))).toMatchObject({ amountMicro: 2_000_000n });
  const shown = (await listPrices(db, new Date(now))).filter((price) => price.model === model);
  expect(shown).toEqual([
    {
      model,
      inputMicroPerMillion: "2000000",
      outputMicroPerMillion: "0",
      effectiveFrom: new Date(now - DAY_MS).toISOString(),
    },
  ]);
});

pgTest("a model that gets its first price can be used at once", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { actor } = await given(services);
  const record = createRecordUsage(services);
  const model = `model-${newId()}`;
  await expect(record(actor, use(model))).rejects.toMatchObject({ code: "unknown_model" });
  await setPrice(db, { model, micro: [1_000_000n, 0n], effectiveFrom: new Date(0) });
  await expect.poll(() => record(actor, use(model)).then(({ replayed }) => replayed)).toBe(false);
});

pgTest("S2.15 usage is listed latest first, page by page, each use once", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { owner, actor, model } = await given(services);
  const record = createRecordUsage(services);
  const times = ["2026-01-03T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"];
  for (const occurredAt of times) await record(actor, use(model, { occurredAt, inputTokens: 1, outputTokens: 1 }));
  const seen: string[] = [];
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listUsage(db, owner.organizationId, { cursor, limit: 1 });
    seen.push(...page.items.map((item) => item.at));
    ids.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual(
    times
      .map((time) => new Date(time).toISOString())
      .sort()
      .reverse(),
  );
  expect(new Set(ids).size).toBe(4);
  await expect(listUsage(db, owner.organizationId, { cursor: "1_x", limit: 1 })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

pgTest(
  "S3.3 the app cannot write usage itself, nor another organization's through the function",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const [here, there] = [await given(services), await given(services)];
    const record = createRecordUsage(services);
    await record(there.actor, use(there.model));
    expect((await listUsage(db, here.owner.organizationId, { limit: 10 })).items).toEqual([]);
    const { organizationId } = here.owner;
    const write = (into: string, tokens: string, amountMicro: string) =>
      withOrganization(
        db,
        organizationId,
        (tx) => tx.sql`
          SELECT record_usage(now(), ${[into]}::uuid[], ${[newId()]}::uuid[], ARRAY[now()], ARRAY['a'], ARRAY['m'],
              ${[tokens]}::bigint[], ${[tokens]}::bigint[], ${[amountMicro]}::bigint[], ${[newId()]}::uuid[], '{}', '{}')`,
      );
    await expect(write(there.owner.organizationId, "1", "1")).rejects.toThrow("another organization");
    await expect(write(organizationId, "-1", "1")).rejects.toThrow("negative tokens");
    await expect(write(organizationId, "1", "0")).rejects.toThrow("no amount");
    await expect(write(organizationId, "1", "-1")).rejects.toThrow("no amount");
    await expect(
      withOrganization(db, organizationId, (tx) => tx.sql`DELETE FROM organizations WHERE id = ${organizationId}`),
    ).rejects.toThrow("permission denied");
    await expect(
      withOrganization(db, organizationId, (tx) => tx.sql`INSERT INTO usage_events SELECT * FROM usage_events`),
    ).rejects.toThrow("permission denied");
    await expect(withOrganization(db, organizationId, (tx) => tx.sql`DELETE FROM usage_events`)).rejects.toThrow(
      "permission denied",
    );
  },
);
