import { can, roles } from "@guildhall/auth";
import { pgTest } from "@guildhall/db/testing";
import { verify } from "@guildhall/ledger";
import { liveEvent } from "@guildhall/live/events";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { createServices } from "../../server.ts";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import { appRouter } from "../../trpc/app.router.ts";
import type { Context, OrganizationActor, Services } from "../../trpc/context.ts";
import { createCallerFactory } from "../../trpc/init.ts";
import { addCredits } from "./add-credits.ts";
import { deductCredits } from "./deduct-credits.ts";
import { listTransactions, readWallet } from "./wallets.queries.ts";

const CREDIT = 1_000_000n;

/** What the wire offers to one member. */
function callAs(services: Services, actor: OrganizationActor) {
  const { userId: id, name, email } = actor;
  const context: Context = {
    services,
    readSession: async () => ({ session: { id: "s" }, user: { id, name, email, isPlatformAdmin: false } }),
    cookie: { set() {}, clear() {} },
    signInCookie: { read: () => undefined, set() {}, clear() {} },
    transport: "in_process",
    requestId: "r",
    address: "192.0.2.1",
    userAgent: "test",
  };
  return createCallerFactory(appRouter)(context).wallets;
}

pgTest(
  "S0.17 S0.18 credits added and deducted move the balance by exactly that much",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const added = await addCredits(services, owner, { amountMicro: 1_000n * CREDIT, idempotencyKey: newId() });
    expect(added).toEqual({ amountMicro: "1000000000", balanceMicro: "1000000000", sequence: "1", replayed: false });
    const input = { amountMicro: 47_000n, reason: "A correction", idempotencyKey: newId() };
    expect(await deductCredits(services, owner, input)).toMatchObject({ balanceMicro: "999953000", sequence: "2" });
    expect(await readWallet(db, owner.organizationId)).toEqual({
      balanceMicro: "999953000",
      heldMicro: "0",
      availableMicro: "999953000",
      sequence: "2",
    });
    expect(await verify(db, { bookId: owner.organizationId })).toEqual([]);
  },
);

pgTest(
  "S0.16 S0.19 the history has date, description, person and running balance, paged by a cursor that new postings do not move",
  async ({ db, onTestFinished }) => {
    let nowMs = Date.UTC(2026, 0, 1);
    const services = givenServices(db, { clock: { now: () => new Date(nowMs) } });
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    for (let n = 1n; n <= 5n; n += 1n) {
      nowMs += 1_000;
      await addCredits(services, owner, {
        amountMicro: n * CREDIT,
        description: `Top-up ${n}`,
        idempotencyKey: newId(),
      });
    }
    const first = await listTransactions(db, owner.organizationId, { limit: 2 });
    expect(first.items.map((item) => [item.sequence, item.description, item.balanceAfterMicro])).toEqual([
      ["5", "Top-up 5", "15000000"],
      ["4", "Top-up 4", "10000000"],
    ]);
    expect(first.items[0]).toMatchObject({
      at: "2026-01-01T00:00:05.000Z",
      actorName: owner.name,
      amountMicro: "5000000",
    });
    await addCredits(services, owner, { amountMicro: CREDIT, idempotencyKey: newId() });
    const second = await listTransactions(db, owner.organizationId, { cursor: first.nextCursor!, limit: 3 });
    expect(second.items.map((item) => item.sequence)).toEqual(["3", "2", "1"]);
    expect(second.nextCursor).toBeNull();
  },
);

pgTest(
  "a deduction beyond the balance is refused with both amounts and changes nothing",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    await addCredits(services, owner, { amountMicro: 10n * CREDIT, idempotencyKey: newId() });
    const before = await readLog(db, owner.organizationId);
    const input = { amountMicro: 10n * CREDIT + 1n, reason: "Too much", idempotencyKey: newId() };
    await expect(deductCredits(services, owner, input)).rejects.toMatchObject({
      code: "insufficient_balance",
      details: { balanceMicro: "10000000", requiredMicro: "10000001" },
    });
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "10000000", sequence: "1" });
    expect(await readLog(db, owner.organizationId)).toEqual(before);
  },
);

pgTest("a form sent twice acts once; its key with another amount is a conflict", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const input = { amountMicro: 5n * CREDIT, description: "Once", idempotencyKey: newId() };
  const outcomes = await Promise.all([1, 2, 3].map(() => addCredits(services, owner, input)));
  expect(outcomes.map((outcome) => outcome.replayed).sort()).toEqual([false, true, true]);
  expect(new Set(outcomes.map((outcome) => `${outcome.balanceMicro} ${outcome.sequence}`))).toEqual(
    new Set(["5000000 1"]),
  );
  await expect(addCredits(services, owner, { ...input, amountMicro: 6n * CREDIT })).rejects.toMatchObject({
    code: "idempotency_conflict",
  });
  const colleague = await givenMember(services, owner, "billing_admin");
  expect(await addCredits(services, colleague, input)).toMatchObject({ replayed: true });
  expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "5000000" });
});

pgTest(
  "two servers spending one wallet at once never go below zero and lose nothing",
  async ({ db, openSecondConnection, onTestFinished }) => {
    const here = givenServices(db);
    const there = createServices({ ...here, db: openSecondConnection() });
    onTestFinished(async () => {
      await Promise.all([here.stop(), there.stop()]);
    });
    const owner = await givenOrganization(here);
    await addCredits(here, owner, { amountMicro: 30n * CREDIT, idempotencyKey: newId() });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        deductCredits(n % 2 === 0 ? here : there, owner, {
          amountMicro: CREDIT,
          reason: "Race",
          idempotencyKey: newId(),
        }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(30);
    expect(await readWallet(db, owner.organizationId)).toMatchObject({ balanceMicro: "0", sequence: "31" });
    expect(await verify(db, { bookId: owner.organizationId })).toEqual([]);
  },
);

pgTest(
  "L1 every posting is announced, in order and without gaps, to everybody who may see the wallet",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const woken: (bigint | null)[] = [];
    services.bus.watchOrganization(owner.organizationId, (sequence) => woken.push(sequence));
    await Promise.all(
      Array.from({ length: 40 }, () => addCredits(services, owner, { amountMicro: CREDIT, idempotencyKey: newId() })),
    );
    const log = await readLog(db, owner.organizationId);
    const events = log
      .map(({ type, payload }) => liveEvent.parse({ type, payload }))
      .flatMap((event) => (event.type === "wallet.balance_changed" ? event.payload : []));
    let next = 1n;
    for (const payload of events) {
      expect(BigInt(payload.fromSequence)).toBe(next);
      next = BigInt(payload.toSequence) + 1n;
      expect(BigInt(payload.balanceMicro)).toBe(BigInt(payload.toSequence) * CREDIT);
    }
    expect(next).toBe(41n);
    expect(events.length).toBeLessThan(40);
    expect(log.at(-1)).toMatchObject({ audience: [...roles] });
    expect(woken.at(-1)).toBe(log.at(-1)?.sequence);
  },
);

pgTest(
  "C6 an archived organization's wallet is read-only, an inactive one's can be put right",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const input = { amountMicro: CREDIT, idempotencyKey: newId() };
    await expect(addCredits(services, { ...owner, status: "archived" }, input)).rejects.toMatchObject({
      code: "organization_inactive",
    });
    expect(await addCredits(services, { ...owner, status: "inactive" }, input)).toMatchObject({ replayed: false });
  },
);

pgTest(
  "S2.7 S2.9 only owners and billing admins move credits; strangers find nothing",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { slug: organization } = owner;
    for (const role of roles) {
      const member = await givenMember(services, owner, role);
      const wire = callAs(services, member);
      const adding = wire.addCredits({ organization, amount: "1", idempotencyKey: newId() });
      if (can(role, "wallet.adjust")) await adding;
      else await expect(adding).rejects.toMatchObject({ code: "FORBIDDEN" });
      const reading = wire.transactions({ organization });
      if (can(role, "transactions.read")) await reading;
      else await expect(reading).rejects.toMatchObject({ code: "FORBIDDEN" });
      await wire.summary({ organization });
    }
    const stranger = callAs(services, await givenOrganization(services, "Elsewhere"));
    await expect(stranger.summary({ organization })).rejects.toMatchObject({ code: "NOT_FOUND" });
  },
);

pgTest("amounts are read as people type them, and nothing is rounded", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const wire = callAs(services, owner);
  const add = (amount: string) => wire.addCredits({ organization: owner.slug, amount, idempotencyKey: newId() });
  expect(await add(" 1,000.5 ")).toMatchObject({ balanceMicro: "1000500000" });
  expect(await add("0.000001")).toMatchObject({ balanceMicro: "1000500001" });
  for (const amount of ["0", "-1", "0.0000001", "1e3", "", "ten", "1,00", "2000000000"]) {
    await expect(add(amount), amount).rejects.toMatchObject({ code: "BAD_REQUEST" });
  }
  const neither = { organization: owner.slug, idempotencyKey: newId() };
  await expect(wire.addCredits(neither)).rejects.toThrow("Enter an amount.");
  const both = { ...neither, amount: "1", paid: { minor: "1", currency: "EUR" } };
  await expect(wire.addCredits(both)).rejects.toThrow("not both");
  const withoutReason = { organization: owner.slug, amount: "1", reason: "  ", idempotencyKey: newId() };
  await expect(wire.deductCredits(withoutReason)).rejects.toThrow("Say why the credits are deducted.");
});
