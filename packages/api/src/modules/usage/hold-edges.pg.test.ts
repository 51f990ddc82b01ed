import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { allApiKeyScopes } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { memberSpending, organizations, teamSpending } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { type Clock, newId, systemClock } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { expect, onTestFinished } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import { givenCredits, givenEnterprise, givenTeam, spenderOf } from "../../testing/given-teams.ts";
import type { OrganizationActor } from "../../trpc/context.ts";
import { setAllowance } from "../allowances/set-allowance.ts";
import { createApiKey } from "../api-keys/create-api-key.ts";
import { revokeApiKey } from "../api-keys/revoke-api-key.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { listTransactions, readWallet, releaseHold, settleHold } from "../wallets/index.ts";
import { createPlaceHold, type NamedHoldOrder } from "./place-hold.ts";
import { createRecordUsage } from "./record-usage.ts";
import { reverseUsage } from "./reverse-usage.ts";
import { verifyWallets } from "./verify-wallets.ts";

async function given(db: Database, clock: Clock = systemClock) {
  const services = givenServices(db, { clock });
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  await givenCredits(services, owner);
  const placeHold = createPlaceHold(services);
  return { services, owner, placeHold };
}

const order = (amountMicro: bigint, more: Partial<NamedHoldOrder> = {}): NamedHoldOrder => ({
  ...{ amountMicro, description: "A job", ttlSeconds: 3_600, toleranceMicro: 0n, idempotencyKey: newId() },
  ...more,
});
const settlement = (holdId: string, amountMicro: bigint) => ({
  ...{ holdId, amountMicro, description: "Done", idempotencyKey: newId() },
});

pgTest(
  "C6 a retry of a hold, of its settlement or release is answered with the first result, also when the organization is not active any more",
  async ({ db }) => {
    const { services, owner, placeHold } = await given(db);
    const member = await givenMember(services, owner, "member");
    for (const named of [{}, { member: member.email, model: "plain" }]) {
      const [settled, released] = [order(10n, named), order(20n, named)];
      const firsts = [await placeHold(owner, settled), await placeHold(owner, released)];
      const [one, other] = firsts.map(({ holdId }) => holdId) as [string, string];
      const [settle, release] = [settlement(one, 4n), { holdId: other, idempotencyKey: newId() }];
      firsts.push(await settleHold(services, owner, settle), await releaseHold(services, owner, release));
      for (const status of ["inactive", "archived", "pending_deletion"] as const) {
        const actor = { ...owner, status };
        const again = [await placeHold(actor, settled), await placeHold(actor, released)];
        again.push(await settleHold(services, actor, settle), await releaseHold(services, actor, release));
        expect(again).toEqual(firsts.map((first) => ({ ...first, replayed: true })));
        await expect(placeHold(actor, { ...settled, amountMicro: 11n })).rejects.toMatchObject({
          code: "idempotency_conflict",
        });
        await expect(placeHold(actor, order(1n, named))).rejects.toMatchObject({
          code: "organization_inactive",
          details: { status },
        });
      }
    }
    expect(await verifyWallets(db, { bookId: owner.organizationId })).toEqual([]);
  },
);

pgTest(
  "a hold’s tolerance is at most its amount, in anybody’s name, and nothing is reserved beyond",
  async ({ db }) => {
    const { owner, placeHold } = await given(db);
    for (const named of [{}, { member: owner.email }]) {
      await expect(placeHold(owner, order(10n, { toleranceMicro: 11n, ...named }))).rejects.toMatchObject({
        code: "invalid_input",
        details: { mostMicro: "10" },
      });
      await placeHold(owner, order(10n, { toleranceMicro: 10n, ...named }));
    }
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ heldMicro: "20" });
  },
);

pgTest(
  "a settlement sent together with its hold is done after it, or told to come again, and then done once",
  async ({ db }) => {
    const { services, owner, placeHold } = await given(db);
    for (let n = 0; n < 10; n += 1) {
      const member = n % 2 === 0 ? {} : { member: owner.email };
      const placed = order(10n, member);
      const settle = settlement(placed.idempotencyKey, 4n);
      const ends = await Promise.allSettled([placeHold(owner, placed), settleHold(services, owner, settle)]);
      // Looking up whoever is named takes longer than the settlement takes to arrive.
      if (n % 2 === 0) expect(ends[1]).toMatchObject({ value: { replayed: false, heldMicro: 0n } });
      else if (ends[1].status === "rejected") {
        expect(ends[1].reason).toMatchObject({ code: "not_found" });
        expect(ends[1].reason.message).toContain("send this again with the same key");
      }
      expect(ends[0]).toMatchObject({ status: "fulfilled" });
      await settleHold(services, owner, settle);
      expect(await settleHold(services, owner, settle)).toMatchObject({ replayed: true });
    }
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "999960", heldMicro: "0" });
    const { items } = await listTransactions(db, owner.organizationId, {
      member: owner.userId,
      kinds: ["usage"],
      limit: 50,
    });
    expect(items.map(({ attributes }) => attributes.memberName)).toEqual(Array(5).fill(owner.name));
    expect(await verifyWallets(db, { bookId: owner.organizationId })).toEqual([]);
  },
);

pgTest(
  "C10 what a hold used counts for the month in which it was placed, however late it ends; the next month is whole",
  async ({ db }) => {
    let now = new Date("2031-01-31T23:59:59.999Z");
    const { services, owner, placeHold } = await given(db, { now: () => now });
    const member = await givenMember(services, owner, "member");
    await setAllowance(services, owner, { allowanceMicro: 100n });
    const inName = { member: member.email };
    const [settled, expiring] = [
      await placeHold(owner, order(60n, inName)),
      await placeHold(owner, order(40n, inName)),
    ];
    const spend = spenderOf(services, owner);
    await expect(spend(member, 1)).rejects.toMatchObject({ code: "allowance_exceeded" });
    now = new Date("2031-02-01T00:00:00.000Z");
    await spend(member, 100);
    await settleHold(services, owner, settlement(settled.holdId, 50n));
    await expect(spend(member, 1)).rejects.toMatchObject({ code: "allowance_exceeded" });
    now = new Date("2031-02-01T02:00:00.000Z");
    await expect(settleHold(services, owner, settlement(expiring.holdId, 1n))).rejects.toMatchObject({
      code: "hold_closed",
    });
    const counts = await withOrganization(db, owner.organizationId, (tx) =>
      tx.db.select().from(memberSpending).orderBy(memberSpending.month),
    );
    expect(counts.map(({ month, spentMicro }) => [month, spentMicro])).toEqual([
      ["2031-01-01", 50n],
      ["2031-02-01", 100n],
    ]);
    expect(await verifyWallets(db, { bookId: owner.organizationId })).toEqual([]);
  },
);

pgTest(
  "S3.3 a key that was revoked after the request was let in places, settles and releases nothing",
  async ({ db, superuserDb }) => {
    const { services, owner, placeHold } = await given(db);
    const { apiKeyId } = await createApiKey(services, owner, { name: "Jobs", scopes: allApiKeyScopes });
    const program = { organizationId: owner.organizationId, status: owner.status, apiKeyId };
    const placed = order(10n);
    const { holdId } = await placeHold(program, placed);
    const other = await placeHold(program, order(20n));
    await superuserDb.drizzle
      .update(organizations)
      .set({ status: "inactive" })
      .where(eq(organizations.id, owner.organizationId));
    await expect(placeHold(program, order(1n))).rejects.toMatchObject({ code: "organization_inactive" });
    await releaseHold(services, program, { holdId: other.holdId, idempotencyKey: newId() });
    await revokeApiKey(services, owner, { apiKeyId });
    const refused = { code: "invalid_api_key" };
    await expect(placeHold(program, order(1n))).rejects.toMatchObject(refused);
    await expect(settleHold(services, program, settlement(holdId, 1n))).rejects.toMatchObject(refused);
    await expect(releaseHold(services, program, { holdId, idempotencyKey: newId() })).rejects.toMatchObject(refused);
    expect(await placeHold(program, placed)).toMatchObject({ holdId, replayed: true });
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ heldMicro: "10" });
  },
);

/** Holds the lock of a wallet as a charge under way does, until it is let go. */
async function givenChargeUnderWay(db: Database, { organizationId }: OrganizationActor) {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isLocked = () => {};
  const locked = new Promise<void>((resolve) => {
    isLocked = resolve;
  });
  const done = db.sql.begin(async (tx) => {
    await tx`SELECT 1 FROM ledger.books WHERE book_id = ${organizationId} FOR NO KEY UPDATE`;
    isLocked();
    await held;
  });
  await locked;
  return {
    async end() {
      letGo();
      await done;
    },
  };
}

pgTest(
  "a key is revoked, and an organization leaves its status, after the charge that is under way, never during it",
  async ({ db, superuserDb }) => {
    const { services, owner } = await given(db);
    const { apiKeyId } = await createApiKey(services, owner, { name: "Jobs", scopes: allApiKeyScopes });
    const ends = {
      revoke: () => revokeApiKey(services, owner, { apiKeyId }),
      deactivate: () =>
        db.sql.begin(async (tx) => {
          await tx`SELECT set_config('app.organization_id', ${owner.organizationId}, true)`;
          await tx`UPDATE organizations SET status = 'inactive' WHERE id = ${owner.organizationId}`;
        }),
    };
    for (const [name, end] of Object.entries(ends)) {
      const charge = await givenChargeUnderWay(superuserDb, owner);
      let isEnded = false;
      const ending = Promise.resolve(end()).then(() => {
        isEnded = true;
      });
      let waiting = 0;
      while (waiting === 0 && !isEnded) {
        const [row] = await superuserDb.sql<{ count: number }[]>`
          SELECT count(*)::integer AS count FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        waiting = row?.count ?? 0;
        await nextTurn();
      }
      expect([name, isEnded]).toEqual([name, false]);
      await charge.end();
      await ending;
    }
    const use = { agent: "a", model: "plain", inputTokens: 1, outputTokens: 0, idempotencyKey: newId() };
    const program = { organizationId: owner.organizationId, status: "active", apiKeyId } as const;
    await expect(createRecordUsage(services)(program, use)).rejects.toMatchObject({ code: "invalid_api_key" });
  },
);

pgTest(
  "C10 no key that a program can reckon from a hold's lets a correction give back what the hold counts",
  async ({ db }) => {
    const { services, owner, placeHold } = await given(db);
    const { teamId, person } = await givenTeam(services, await givenEnterprise(services, owner));
    await assignTeam(services, owner, { teamId });
    const { organizationId } = owner;
    const derive = (id: string) =>
      createHash("md5")
        .update(`hold:${organizationId}:${id}`)
        .digest("hex")
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    let idempotencyKey = newId();
    while (!/^.{14}7.{4}[89ab]/.test(derive(idempotencyKey))) idempotencyKey = newId();
    await placeHold(owner, order(50n, { member: person.email, idempotencyKey }));
    const use = { agent: "a", model: "plain", inputTokens: 1, outputTokens: 0, member: owner.email };
    const { id } = await createRecordUsage(services)(
      { organizationId, status: "active", apiKeyId: null },
      { ...use, idempotencyKey: derive(idempotencyKey) },
    );
    await reverseUsage(services, owner, { usageId: id, reason: "Wrong", idempotencyKey: newId() });
    const spent = await withOrganization(db, organizationId, (tx) => tx.db.select().from(teamSpending));
    expect(spent).toMatchObject([{ teamId, spentMicro: 50n }]);
    expect(await verifyWallets(db, { bookId: organizationId })).toEqual([]);
  },
);
