import type { Database } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { hashToUuid, idOfKey } from "@guildhall/ledger";
import { newId } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import { createApiKey } from "../api-keys/index.ts";
import { addCredits, listTransactions } from "../wallets/index.ts";
import { createAcceptUse } from "./accept-use.ts";
import { createRecordUsages } from "./record-usage.ts";
import { reverseUsage } from "./reverse-usage.ts";
import { listUsage } from "./usage.queries.ts";
import type { ReportedUsage } from "./usage-input.ts";
import { verifyWallets } from "./verify-wallets.ts";

const MODEL = "told-once";

async function given(db: Database) {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await addCredits(services, owner, { amountMicro: 1_000n, idempotencyKey: newId() });
  const micro = { inputMicroPerMillion: 1_000_000n, outputMicroPerMillion: 0n };
  const price = { model: MODEL, effectiveFrom: new Date(0), ...micro };
  await services.db.drizzle.insert(modelPrices).values(price).onConflictDoNothing();
  const { organizationId, status } = owner;
  const actor = (apiKeyId: string | null = null) => ({ organizationId, status, apiKeyId });
  return { services, owner, organizationId, actor, record: createRecordUsages(services) };
}

function use(inputTokens: number, more: Partial<ReportedUsage> = {}): ReportedUsage {
  return { agent: "Support", model: MODEL, inputTokens, outputTokens: 2, idempotencyKey: newId(), ...more };
}

/** What the postings themselves say, oldest first. */
function readStored({ sql }: Database, organizationId: string) {
  return sql<{ amount: bigint; description: string; attributes: object | null; fingerprint: string | null }[]>`
    SELECT amount_micro AS amount, description, attributes, fingerprint FROM ledger.postings
     WHERE book_id = ${organizationId} AND kind = 'usage' ORDER BY sequence`;
}

const ofModel = { model: MODEL, outputTokens: 2 };

pgTest(
  "S0.16 S2.15 the history tells agent, model and tokens of every use, whether its posting or its use holds them",
  async ({ db, superuserDb }) => {
    const { services, owner, organizationId, actor, record } = await given(db);
    const member = await givenMember(services, owner, "member");
    await record(actor(), [use(1), use(2, { agent: "Sales" })]);
    await record(actor(), [use(3, { idempotencyKey: "order 3" }), use(4, { member: member.email }), use(5)]);
    // In one batch with a top-up, which is charged by another function.
    const topUp = addCredits(services, owner, { amountMicro: 1n, idempotencyKey: newId() });
    await Promise.all([topUp, createAcceptUse(services)(actor(), use(6, { agent: "Sales" }))]);
    const stored = await readStored(superuserDb, organizationId);
    expect(stored.map(({ amount, description }) => [amount, description])).toEqual([
      [-1n, ""],
      [-2n, ""],
      [-3n, `Support · ${MODEL}`],
      [-4n, `Support · ${MODEL}`],
      [-5n, ""],
      [-6n, ""],
    ]);
    expect(stored.map(({ attributes }) => attributes === null)).toEqual([true, true, false, false, true, true]);

    const read = async (filters: object = {}) => {
      const { items } = await listTransactions(db, organizationId, { ...filters, limit: 20 });
      return items
        .filter(({ kind }) => kind === "usage")
        .map(({ description, attributes }) => [description, attributes]);
    };
    const told = (agent: string, inputTokens: number, more = {}) => [
      `${agent} · ${MODEL}`,
      { agent, inputTokens, ...ofModel, ...more },
    ];
    expect(await read()).toEqual([
      told("Sales", 6),
      told("Support", 5),
      told("Support", 4, { memberId: member.userId, memberName: member.name }),
      told("Support", 3),
      told("Sales", 2),
      told("Support", 1),
    ]);
    expect(await read({ kinds: ["usage"] })).toHaveLength(6);
    expect(await read({ agent: "Sales" })).toEqual([told("Sales", 6), told("Sales", 2)]);
    expect(await read({ agent: "Support", maxAmountMicro: "-4" })).toHaveLength(2);
    expect(await read({ agent: "Nobody" })).toEqual([]);
    expect(await read({ member: member.userId })).toHaveLength(1);
    const used = await listUsage(db, organizationId, { limit: 20 });
    expect(used.items.map(({ inputTokens }) => inputTokens).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await verifyWallets(db, { bookId: organizationId })).toEqual([]);
  },
);

pgTest("nobody's history is told by another organization's use of the same id", async ({ db }) => {
  const [ours, theirs] = [await given(db), await given(db)];
  const idempotencyKey = newId();
  await ours.record(ours.actor(), [use(1, { idempotencyKey })]);
  await theirs.record(theirs.actor(), [use(2, { idempotencyKey, agent: "Secret" })]);
  const { items } = await listTransactions(db, ours.organizationId, { limit: 1 });
  expect(items).toMatchObject([{ id: idempotencyKey, attributes: { agent: "Support", inputTokens: 1 } }]);
});

pgTest("uses under one key, several and none say under which they came", async ({ db, superuserDb }) => {
  const { services, owner, organizationId, actor, record } = await given(db);
  const create = async (name: string) =>
    (await createApiKey(services, owner, { name, scopes: ["usage:write"] })).apiKeyId;
  const [one, other] = [await create("one"), await create("other")];
  const charge = (tokens: number, key: string | null) => record(actor(key), [use(tokens)]);
  await Promise.all([charge(1, one), charge(2, one)]);
  await Promise.all([charge(3, null), charge(4, one), charge(5, other)]);
  await Promise.all([charge(6, null), charge(7, null)]);
  await Promise.all([charge(8, null), charge(9, other)]);
  const rows = await superuserDb.sql<{ key: string | null }[]>`
    SELECT api_key_id AS key FROM usage_events WHERE organization_id = ${organizationId} ORDER BY input_tokens`;
  expect(rows.map(({ key }) => key)).toEqual([one, one, null, one, other, null, null, null, other]);
});

pgTest(
  "a use and a correction that were stored with a twice hashed fingerprint are known again; another under their key is a conflict",
  async ({ db, superuserDb }) => {
    const { services, owner, organizationId, actor, record } = await given(db);
    const reported = use(7);
    const [first] = await record(actor(), [reported]);
    const [posting] = await readStored(superuserDb, organizationId);
    const older = hashToUuid(posting?.fingerprint as string);
    await superuserDb.sql`
      UPDATE ledger.postings SET fingerprint = ${older} WHERE book_id = ${organizationId} AND kind = 'usage'`;
    const told = first && "recorded" in first ? first.recorded : undefined;
    expect(await record(actor(), [reported])).toEqual([{ recorded: { ...told, replayed: true } }]);
    expect(await createAcceptUse(services)(actor(), reported)).toBeUndefined();
    expect(await record(actor(), [{ ...reported, agent: "Sales" }])).toMatchObject([
      { error: { code: "idempotency_conflict" } },
    ]);
    const correction = { usageId: reported.idempotencyKey, reason: "Wrong", idempotencyKey: newId() };
    await reverseUsage(services, owner, correction);
    const [refund] = await superuserDb.sql<{ fingerprint: string }[]>`
      SELECT fingerprint FROM ledger.postings WHERE book_id = ${organizationId} AND id = ${idOfKey(correction.idempotencyKey)}`;
    const content = hashToUuid(JSON.stringify(["reversal", correction.usageId, "Wrong"]));
    expect(refund?.fingerprint).toBe(hashToUuid(content));
    expect((await reverseUsage(services, owner, correction)).replayed).toBe(true);
    expect(await verifyWallets(db, { bookId: organizationId })).toEqual([]);
  },
);
