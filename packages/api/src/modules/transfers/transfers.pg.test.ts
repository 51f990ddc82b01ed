import { pgTest } from "@guildhall/db/testing";
import { verify } from "@guildhall/ledger";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog } from "../../testing/given.ts";
import { createCreditType } from "../enterprises/create-credit-type.ts";
import { readAdministered, readCreditTypes } from "../enterprises/enterprises.queries.ts";
import { readEnterprise } from "../enterprises/read-enterprise.ts";
import { removeMember } from "../members/remove-member.ts";
import { createOrganization, readActor } from "../organizations/index.ts";
import { listPersonalTransactions, readPersonalWallet } from "../personal-wallet/personal-wallet.ts";
import { addCredits, readWallet } from "../wallets/index.ts";
import { transferCredits } from "./transfer-credits.ts";

const order = (amountMicro: bigint) => ({ amountMicro, reason: "For the fair", idempotencyKey: newId() });

pgTest(
  "C5 a transfer leaves one wallet and reaches the other, once, with one event in each log",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const from = await givenOrganization(services);
    const to = await givenOrganization(services);
    await addCredits(services, from, { amountMicro: 1_000n, idempotencyKey: newId() });
    const transfer = { to: { organization: { ...to, userId: from.userId } }, ...order(400n) };
    expect(await transferCredits(services, from, transfer)).toMatchObject({ balanceMicro: "600", replayed: false });
    expect(await transferCredits(services, from, transfer)).toMatchObject({ balanceMicro: "600", replayed: true });
    expect(await readWallet(db, to.organizationId)).toMatchObject({ balanceMicro: "400" });
    const balances = (await readLog(db, to.organizationId)).filter((event) => event.type === "wallet.balance_changed");
    expect(balances).toMatchObject([{ payload: { balanceMicro: "400" } }]);
    expect(await verify(superuserDb)).toEqual([]);
  },
);

pgTest(
  "C5 S2.3 a personal wallet receives credits; it is the person's alone and has no organization's log",
  async ({ db, ownerDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const from = await givenOrganization(services);
    const member = await givenMember(services, from, "member");
    await addCredits(services, from, { amountMicro: 1_000n, idempotencyKey: newId() });
    let wakeUps = 0;
    onTestFinished(services.bus.watchPerson(member.userId, () => (wakeUps += 1)));
    await transferCredits(services, from, { to: { memberId: member.userId }, ...order(250n) });
    expect(await readPersonalWallet(db, member.userId)).toMatchObject({ balanceMicro: "250" });
    expect((await listPersonalTransactions(db, member.userId, { limit: 10 })).items).toMatchObject([
      { kind: "transfer", amountMicro: "250", balanceAfterMicro: "250" },
    ]);
    expect(wakeUps).toBeGreaterThan(0);
    expect(await readPersonalWallet(db, from.userId)).toMatchObject({ balanceMicro: "0" });
    const [heads] = await ownerDb.sql<
      { count: bigint }[]
    >`SELECT count(*) FROM live.heads WHERE organization_id = ${member.userId}`;
    expect(heads?.count).toBe(0n);
  },
);

pgTest(
  "C5 a retried transfer is answered with the first result, whoever may not give or receive any more",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const from = await givenOrganization(services);
    const to = await givenOrganization(services);
    const member = await givenMember(services, from, "member");
    await addCredits(services, from, { amountMicro: 100n, idempotencyKey: newId() });
    const transfers = [
      { to: { organization: to }, ...order(10n) },
      { to: { memberId: member.userId }, ...order(20n) },
    ];
    const send = async (actor: typeof from, receiver: Partial<typeof to> = {}) => {
      const [one, other] = transfers as [(typeof transfers)[0], (typeof transfers)[1]];
      return [
        await transferCredits(services, actor, { ...one, to: { organization: { ...to, ...receiver } } }),
        await transferCredits(services, actor, other),
      ];
    };
    const again = (await send(from)).map((first) => ({ ...first, replayed: true }));
    await removeMember(services, from, { userId: member.userId });
    expect(await send({ ...from, status: "inactive" })).toEqual(again);
    expect(await send(from, { status: "archived" })).toEqual(again);
    await expect(send(from, { role: "member" })).rejects.toMatchObject({ code: "forbidden" });
  },
);

pgTest(
  "C5 a transfer needs the right to adjust both wallets, a member to receive, and enough credits",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const from = await givenOrganization(services);
    const to = await givenOrganization(services);
    const asMember = { ...to, role: "member" as const };
    const attempt = (receiver: Parameters<typeof transferCredits>[2]["to"]) =>
      transferCredits(services, from, { to: receiver, ...order(1n) });
    await expect(attempt({ organization: asMember })).rejects.toMatchObject({ code: "forbidden" });
    await expect(attempt({ organization: { ...to, status: "archived" } })).rejects.toMatchObject({
      code: "organization_inactive",
    });
    await expect(attempt({ memberId: to.userId })).rejects.toMatchObject({ code: "not_found" });
    await expect(attempt({ organization: to })).rejects.toMatchObject({ code: "insufficient_balance" });
    expect(await readWallet(db, to.organizationId)).toMatchObject({ balanceMicro: "0", sequence: "0" });
  },
);

pgTest(
  "S1.8 S1.14 an enterprise makes credit types; a wallet has one for good, and types never mix",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const plain = await givenOrganization(services);
    const owner = { id: plain.userId, name: plain.name, email: plain.email, isPlatformAdmin: false };
    const [mine] = await readAdministered(db, owner.id);
    const enterprise =
      (await readEnterprise(db, owner.id, mine?.slug ?? "")) ?? expect.fail("the first owner administers it");
    const rate = { name: "SGD Credits", currency: "SGD", microPerMinorUnit: 10_000n };
    const { creditTypeId } = await createCreditType(services, enterprise, rate);
    const again = createCreditType(services, enterprise, { ...rate, name: "sgd credits" });
    await expect(again).rejects.toMatchObject({ code: "name_taken" });
    expect(await readCreditTypes(db, enterprise.enterpriseId)).toMatchObject([
      { creditTypeId, microPerMinorUnit: "10000" },
    ]);

    const input = { name: "Singapore", idempotencyKey: newId(), isSetUp: true, creditTypeId };
    const { slug } = await createOrganization(services, owner, input);
    const singapore = (await readActor(db, owner, slug)) ?? expect.fail("its maker is a member");
    await addCredits(services, plain, { amountMicro: 100n, idempotencyKey: newId() });
    const mixed = transferCredits(services, plain, { to: { organization: singapore }, ...order(1n) });
    await expect(mixed).rejects.toMatchObject({ code: "invalid_input" });
    expect(await readWallet(db, singapore.organizationId)).toMatchObject({ balanceMicro: "0" });

    const stranger = await givenOrganization(services);
    expect(await readEnterprise(db, stranger.userId, enterprise.slug)).toBeUndefined();
    const foreign = { id: stranger.userId, name: "S", email: stranger.email, isPlatformAdmin: false };
    const stolen = createOrganization(services, foreign, { ...input, idempotencyKey: newId() });
    await expect(stolen).rejects.toMatchObject({ code: "not_found" });
  },
);
