import { pgTest } from "@guildhall/db/testing";
import { verify } from "@guildhall/ledger";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { listAudit } from "../audit/audit.queries.ts";
import { createCreditType } from "../enterprises/create-credit-type.ts";
import { readAdministered } from "../enterprises/enterprises.queries.ts";
import { readEnterprise } from "../enterprises/read-enterprise.ts";
import { createOrganization } from "../organizations/index.ts";
import { addCredits } from "./add-credits.ts";
import { readPriceForSale } from "./credit-price.queries.ts";
import { listTransactions, readWallet } from "./wallets.queries.ts";

/** An organization whose credits have a price. */
async function givenPriced(services: Services, type: { currency: string; microPerMinorUnit: bigint }) {
  const owner = await givenOrganization(services);
  const [mine] = await readAdministered(services.db, owner.userId);
  const enterprise =
    (await readEnterprise(services.db, owner.userId, mine?.slug ?? "")) ??
    expect.fail("the first owner administers it");
  const { creditTypeId } = await createCreditType(services, enterprise, { name: "Own", ...type });
  const maker = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
  const input = { name: "Priced", idempotencyKey: newId(), isSetUp: true, creditTypeId };
  const { organizationId, slug } = await createOrganization(services, maker, input);
  const actor: OrganizationActor = { ...owner, organizationId, slug };
  return { actor, unpriced: owner, creditTypeId };
}

const euros = (minor: bigint) => ({ minor, currency: "EUR" });

pgTest(
  "S1.8 S0.17 a payment buys exactly what the wallet's type says; what was paid and the price stay with it",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { actor, creditTypeId } = await givenPriced(services, { currency: "EUR", microPerMinorUnit: 33_333n });
    expect(await readPriceForSale(db, actor.organizationId)).toEqual({ currency: "EUR", microPerMinorUnit: "33333" });
    const input = { paid: euros(1_999n), description: "March", idempotencyKey: newId() };
    expect(await addCredits(services, actor, input)).toEqual({
      ...{ amountMicro: "66632667", balanceMicro: "66632667", sequence: "1", replayed: false },
    });
    const paid = { paidMinor: "1999", paidCurrency: "EUR", microPerMinorUnit: "33333", creditTypeId };
    const { items } = await listTransactions(db, actor.organizationId, { limit: 5 });
    expect(items).toMatchObject([
      { kind: "top_up", attributes: paid, description: "March: 19.99 EUR paid, 1.00 EUR buys 3.3333 credits" },
    ]);
    const { items: entries } = await listAudit(db, actor.organizationId, { limit: 5 });
    expect(entries.find(({ action }) => action === "credits.added")).toMatchObject({ after: paid });
    expect(await verify(db, { bookId: actor.organizationId })).toEqual([]);
  },
);

pgTest(
  "S1.8 another currency, a wallet without a price and more than can be added are refused, say what to do and change nothing",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { actor, unpriced } = await givenPriced(services, { currency: "EUR", microPerMinorUnit: 10_000n });
    const before = [await readLog(db, actor.organizationId), await readLog(db, unpriced.organizationId)];
    const refusals = [
      [actor, { minor: 5n, currency: "USD" }, "Enter what was paid in EUR."],
      [unpriced, euros(5n), "Enter the amount in credits instead."],
      [actor, euros(0n), "Enter an amount above zero."],
      [actor, euros(100_000_000_001n), "Enter at most 1,000,000,000.00 EUR."],
    ] as const;
    for (const [who, paid, words] of refusals) {
      const refused = addCredits(services, who, { paid, idempotencyKey: newId() });
      await expect(refused).rejects.toMatchObject({ code: "invalid_input", message: expect.stringContaining(words) });
    }
    for (const { organizationId } of [actor, unpriced])
      expect(await readWallet(db, organizationId)).toMatchObject({ balanceMicro: "0", sequence: "0" });
    expect([await readLog(db, actor.organizationId), await readLog(db, unpriced.organizationId)]).toEqual(before);
  },
);

pgTest(
  "S1.8 a retry after the price changed, or was taken away, gives the first result; another payment under its key is a conflict",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { actor, creditTypeId } = await givenPriced(services, { currency: "EUR", microPerMinorUnit: 10_000n });
    const input = { paid: euros(500n), idempotencyKey: newId() };
    const first = await addCredits(services, actor, input);
    await superuserDb.sql`UPDATE credit_types SET micro_per_minor_unit = 20000 WHERE id = ${creditTypeId}`;
    expect(await addCredits(services, actor, input)).toEqual({ ...first, replayed: true });
    const more = { ...input, paid: euros(501n) };
    await expect(addCredits(services, actor, more)).rejects.toMatchObject({ code: "idempotency_conflict" });
    // What the first payment bought is no key for so many credits, either.
    const same = { amountMicro: BigInt(first.amountMicro), idempotencyKey: input.idempotencyKey };
    await expect(addCredits(services, actor, same)).rejects.toMatchObject({ code: "idempotency_conflict" });
    expect(await addCredits(services, actor, { ...input, idempotencyKey: newId() })).toMatchObject({
      ...{ amountMicro: "10000000", balanceMicro: "15000000" },
    });
    await superuserDb.sql`UPDATE credit_types SET currency = 'USD' WHERE id = ${creditTypeId}`;
    expect(await addCredits(services, actor, input)).toEqual({ ...first, replayed: true });
    const { items } = await listTransactions(db, actor.organizationId, { limit: 5 });
    expect(items.map(({ attributes }) => attributes.microPerMinorUnit)).toEqual(["20000", "10000"]);
    expect(await verify(db, { bookId: actor.organizationId })).toEqual([]);
  },
);
