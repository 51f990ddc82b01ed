import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenOrganization, givenServices } from "../../testing/given.ts";
import { addCredits } from "./add-credits.ts";
import { deductCredits } from "./deduct-credits.ts";
import { grantCredits } from "./grant-credits.ts";
import { listLots } from "./lots.queries.ts";
import { listTransactions, readWallet } from "./wallets.queries.ts";

pgTest(
  "C5 promotional credits are shown, spent before paid ones, said to expire soon, and gone when they have expired",
  async ({ db, onTestFinished }) => {
    let now = new Date("2026-06-01T12:00:00Z");
    const services = givenServices(db, { clock: { now: () => now } });
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { organizationId } = owner;
    const grant = (amountMicro: bigint, days: number) =>
      grantCredits(services, owner, {
        amountMicro,
        description: "Welcome",
        expiresAt: new Date(now.getTime() + days * DAY_MS),
        idempotencyKey: newId(),
      });
    await addCredits(services, owner, { amountMicro: 1_000n, idempotencyKey: newId() });
    await grant(300n, 60);
    await grant(200n, 10);
    await expect(grant(1n, -1)).rejects.toMatchObject({ code: "invalid_input" });
    await deductCredits(services, owner, { amountMicro: 150n, reason: "Spent", idempotencyKey: newId() });
    expect(await listLots(services, organizationId)).toMatchObject({
      lots: [{ remainingMicro: "50" }, { remainingMicro: "300" }],
      expiringSoon: { amountMicro: "50" },
    });
    const burned = async () => (await listTransactions(db, organizationId, { limit: 1 })).items[0]?.burned;
    const soon = new Date(now.getTime() + 10 * DAY_MS).toISOString();
    expect(await burned()).toMatchObject([{ kind: "promotional", amountMicro: "150", expiresAt: soon }]);

    now = new Date(now.getTime() + 11 * DAY_MS);
    expect(await listLots(services, organizationId)).toMatchObject({
      lots: [{ remainingMicro: "300" }],
      endedMicro: "50",
    });
    expect(await readWallet(db, organizationId)).toMatchObject({ balanceMicro: "1350" });
    await services.ledger.expireDue();
    expect(await listLots(services, organizationId)).toMatchObject({ endedMicro: "0" });
    expect(await readWallet(db, organizationId)).toMatchObject({ balanceMicro: "1300" });
    await deductCredits(services, owner, { amountMicro: 350n, reason: "More", idempotencyKey: newId() });
    expect(await burned()).toMatchObject([{ kind: "promotional", amountMicro: "300" }]);
  },
);

pgTest(
  "C6 a retried change by hand is answered with the first result, also once its end has passed or the organization is archived",
  async ({ db, onTestFinished }) => {
    let now = new Date("2026-06-01T12:00:00Z");
    const services = givenServices(db, { clock: { now: () => now } });
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const expiresAt = new Date(now.getTime() + DAY_MS);
    const grant = { amountMicro: 300n, description: "Welcome", expiresAt, idempotencyKey: newId() };
    const add = { amountMicro: 5n, idempotencyKey: newId() };
    const firsts = [await grantCredits(services, owner, grant), await addCredits(services, owner, add)];
    now = new Date(now.getTime() + 2 * DAY_MS);
    for (const status of ["active", "archived"] as const) {
      const actor = { ...owner, status };
      expect([await grantCredits(services, actor, grant), await addCredits(services, actor, add)]).toEqual(
        firsts.map((first) => ({ ...first, replayed: true })),
      );
      const changed = { ...grant, expiresAt: new Date(expiresAt.getTime() - 1) };
      await expect(grantCredits(services, actor, changed)).rejects.toMatchObject({ code: "idempotency_conflict" });
      await expect(grantCredits(services, actor, { ...grant, idempotencyKey: newId() })).rejects.toMatchObject({
        code: status === "active" ? "invalid_input" : "organization_inactive",
      });
    }
  },
);
