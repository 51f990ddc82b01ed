import { type Database, withOrganization } from "@guildhall/db";
import { apiKeys, memberSpending, modelPrices, usageEvents } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { liveEvent } from "@guildhall/live/events";
import { newId } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { createApiKey } from "../api-keys/index.ts";
import { addCredits } from "../wallets/index.ts";
import type { UsageActor } from "./price-use.ts";
import { createRecordUsages, type UsageOutcome } from "./record-usage.ts";
import type { ReportedUsage } from "./usage-input.ts";
import { verifyWallets } from "./verify-wallets.ts";

const MODEL = "one-micro-per-token";

/** An organization with so many micro-credits; a token of the model costs one. */
async function givenPayer(services: Services, micro: bigint) {
  const owner = await givenOrganization(services);
  await addCredits(services, owner, { amountMicro: micro, idempotencyKey: newId() });
  const price = {
    model: MODEL,
    effectiveFrom: new Date(0),
    inputMicroPerMillion: 1_000_000n,
    outputMicroPerMillion: 0n,
  };
  await services.db.drizzle.insert(modelPrices).values(price).onConflictDoNothing();
  return owner;
}

function use(micro: number, more: Partial<ReportedUsage> = {}): ReportedUsage {
  return {
    agent: 'A "quoted", {braced} \\ agent',
    model: MODEL,
    inputTokens: micro,
    outputTokens: 0,
    idempotencyKey: newId(),
    ...more,
  };
}

function programOf({ organizationId, status }: OrganizationActor): UsageActor {
  return { organizationId, status, apiKeyId: null };
}

function told(outcomes: readonly UsageOutcome[]): unknown[] {
  return outcomes.map((outcome) =>
    "error" in outcome
      ? ((outcome.error as { code?: string }).code ?? outcome.error)
      : [outcome.recorded.replayed ? "replayed" : "charged", outcome.recorded.sequence, outcome.recorded.balanceMicro],
  );
}

function readUsesOf(db: Database, organizationId: string) {
  return withOrganization(db, organizationId, (tx) => tx.db.select().from(usageEvents));
}

pgTest(
  "S2.18 one batch of two organizations: what is charged, sent before and refused is told apart, and only what is charged is recorded",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const [ours, theirs] = [await givenPayer(services, 100n), await givenPayer(services, 50n)];
    const member = await givenMember(services, ours, "member");
    const record = createRecordUsages(services);
    const [before] = [use(10, { idempotencyKey: "order 17" })];
    await record(programOf(ours), [before]);
    const asked = [use(30), before, use(70), use(60, { member: member.email }), use(1)];
    const [outcomes, others] = await Promise.all([
      record(programOf(ours), asked),
      record(programOf(theirs), [use(20), use(30), use(1)]),
    ]);
    expect(told(outcomes)).toEqual([
      ["charged", 3n, 60n],
      ["replayed", 2n, 90n],
      "insufficient_balance",
      ["charged", 4n, 0n],
      "insufficient_balance",
    ]);
    expect(told(others)).toEqual([["charged", 2n, 30n], ["charged", 3n, 0n], "insufficient_balance"]);
    const recorded = await readUsesOf(db, ours.organizationId);
    expect(recorded.map((one) => [one.agent, one.amountMicro, one.memberId]).sort()).toEqual([
      [before.agent, 10n, null],
      [before.agent, 30n, null],
      [before.agent, 60n, member.userId],
    ]);
    expect((await readUsesOf(db, theirs.organizationId)).map((one) => one.amountMicro)).toEqual([20n, 30n]);
    const spending = await withOrganization(db, ours.organizationId, (tx) => tx.db.select().from(memberSpending));
    expect(spending).toMatchObject([{ memberId: member.userId, spentMicro: 60n }]);
    expect(await verifyWallets(db)).toEqual([]);
  },
);

pgTest(
  "L1 a batch of uses is one event per organization: the balance after it and the stretch of the history that it wrote",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenPayer(services, 100n);
    await createRecordUsages(services)(programOf(owner), [use(1), use(2), use(3)]);
    const log = (await readLog(db, owner.organizationId)).filter((event) => event.type === "wallet.balance_changed");
    const payload = { heldMicro: "0", balanceMicro: "94", availableMicro: "94", fromSequence: "2", toSequence: "4" };
    expect(log.at(-1)).toMatchObject({ actorId: null, payload });
    const { type, payload: written } = log.at(-1) ?? {};
    expect(liveEvent.parse({ type, payload: written })).toEqual({ type, payload });
    expect(log.map((event) => event.audience)).toEqual([log[0]?.audience, log[0]?.audience]);
  },
);

pgTest(
  "S2.18 a key revoked among many uses in flight fails its own, and the others go in one batch",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const ours = await givenPayer(services, 1_000n);
    const keys = await Promise.all(
      ["kept", "revoked", "another"].map((name) => createApiKey(services, ours, { name, scopes: ["usage:write"] })),
    );
    const revoked = keys[1]?.apiKeyId as string;
    await withOrganization(db, ours.organizationId, (tx) =>
      tx.db.update(apiKeys).set({ revokedAt: new Date() }).where(eq(apiKeys.id, revoked)),
    );
    const before = (await readLog(db, ours.organizationId)).length;
    const record = createRecordUsages(services);
    const outcomes = await Promise.all(
      Array.from({ length: 90 }, (_, n) =>
        record({ ...programOf(ours), apiKeyId: keys[n % 3]?.apiKeyId as string }, [use(1)]),
      ),
    );
    const refused = told(outcomes.flat()).map((outcome) => outcome === "invalid_api_key");
    expect(refused).toEqual(Array.from({ length: 90 }, (_, n) => n % 3 === 1));
    expect(await readUsesOf(db, ours.organizationId)).toHaveLength(60);
    // An event for each batch that was charged: first one whose parts hold three keys, then by key, never use by use.
    expect((await readLog(db, ours.organizationId)).length - before).toBeLessThanOrEqual(6);
    expect(await verifyWallets(db, { bookId: ours.organizationId })).toEqual([]);
  },
);
