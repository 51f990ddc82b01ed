import { createApiKey, createOrganization, createServices, type Services } from "@guildhall/api/server";
import { allApiKeyScopes } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { createRestApi } from "./rest.ts";

const silent = { info() {}, warn() {}, error() {} };

async function givenWallet(db: Database, services: Services) {
  const id = newId();
  const user = { id, name: "Ada", email: `ada-${id}@example.com`, isPlatformAdmin: false };
  await db.sql`INSERT INTO users VALUES (${id}, ${user.email}, 'Ada', 'none', null, false, now())`;
  const { organizationId } = await createOrganization(services, user, {
    name: "Acme",
    idempotencyKey: "k",
    isSetUp: true,
  });
  const { key } = await createApiKey(
    services,
    { organizationId, userId: id },
    { name: "Test", scopes: allApiKeyScopes },
  );
  await services.ledger.post({
    bookId: organizationId,
    kind: "top_up",
    amountMicro: 1_000n,
    description: "x",
    idempotencyKey: newId(),
  });
  const rest = createRestApi(services);
  return async (path: string, body?: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await rest.request(
      path,
      body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
    );
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };
}

pgTest(
  "a program reserves credits, settles a part and gets the rest back; each step once per key",
  async ({ db, onTestFinished }) => {
    const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log: silent });
    onTestFinished(() => services.stop());
    const call = await givenWallet(db, services);
    const order = { amountMicro: "600", description: "A long job", idempotencyKey: newId() };
    const held = (await call("/holds", order)) as { status: number; id: string };
    expect(held).toMatchObject({ status: 201, availableMicro: "400", heldMicro: "600" });
    expect(await call("/holds", order)).toMatchObject({ status: 200, id: held.id, replayed: true });
    expect(await call("/holds", { ...order, amountMicro: "601" })).toMatchObject({
      status: 409,
      error: { code: "idempotency_conflict" },
    });
    expect(await call("/holds", { ...order, idempotencyKey: "half a pair \ud800" })).toMatchObject({ status: 422 });
    expect(await call("/wallet")).toMatchObject({ balanceMicro: "1000", availableMicro: "400", heldMicro: "600" });

    const tooMuch = await call(`/holds/${held.id}/settle`, {
      amountMicro: "601",
      description: "x",
      idempotencyKey: newId(),
    });
    expect(tooMuch).toMatchObject({ status: 422, error: { code: "hold_exceeded" } });
    const settlement = { amountMicro: "450", description: "The job", idempotencyKey: newId() };
    expect(await call(`/holds/${held.id}/settle`, settlement)).toMatchObject({
      status: 200,
      availableMicro: "550",
      heldMicro: "0",
    });
    expect(await call(`/holds/${held.id}/settle`, settlement)).toMatchObject({ status: 200, replayed: true });
    expect(await call(`/holds/${held.id}/release`, { idempotencyKey: newId() })).toMatchObject({
      status: 409,
      error: { code: "hold_closed" },
    });
  },
);

pgTest(
  "what is reserved cannot be spent, a release frees it, and foreign holds do not exist",
  async ({ db, onTestFinished }) => {
    const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log: silent });
    onTestFinished(() => services.stop());
    const call = await givenWallet(db, services);
    const foreign = await givenWallet(db, services);
    const held = (await call("/holds", {
      amountMicro: "1000",
      description: "All",
      idempotencyKey: newId(),
    })) as unknown as { id: string };
    const more = await call("/holds", { amountMicro: "1", description: "More", idempotencyKey: newId() });
    expect(more).toMatchObject({ status: 402, error: { code: "insufficient_balance" } });
    const stolen = await foreign(`/holds/${held.id}/release`, { idempotencyKey: newId() });
    const missing = await foreign(`/holds/${newId()}/release`, { idempotencyKey: newId() });
    expect(stolen).toMatchObject({ status: 404, error: { code: "not_found" } });
    expect(missing).toMatchObject({ status: 404, error: { code: "not_found" } });
    expect(((await call("/holds")) as unknown as { items: unknown[] }).items).toHaveLength(1);
    expect(await call(`/holds/${held.id}/release`, { idempotencyKey: newId() })).toMatchObject({
      status: 200,
      availableMicro: "1000",
    });
  },
);

pgTest(
  "a hold in somebody’s name says for whom it is, and is refused for whoever may not spend",
  async ({ db, onTestFinished }) => {
    const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log: silent });
    onTestFinished(() => services.stop());
    const call = await givenWallet(db, services);
    const [ada] = await db.sql`SELECT id, email FROM users ORDER BY id DESC`;
    const order = { amountMicro: "600", description: "A long job", member: ada?.email, model: "plain" };
    const held = await call("/holds", { ...order, idempotencyKey: newId() });
    expect(held).toMatchObject({ status: 201, availableMicro: "400" });
    expect(await call("/holds")).toMatchObject({
      items: [{ holdId: (held as unknown as { id: string }).id, memberId: ada?.id, memberName: "Ada", model: "plain" }],
    });
    const stranger = { ...order, member: "nobody@nowhere.example", idempotencyKey: newId() };
    expect(await call("/holds", stranger)).toMatchObject({ status: 422, error: { code: "unknown_member" } });
    const misspelt = { ...order, membr: ada?.email, idempotencyKey: newId() };
    expect(await call("/holds", misspelt)).toMatchObject({ status: 422, error: { code: "invalid_input" } });
  },
);

pgTest(
  "a hold is retried in an organization that is not active any more, and tolerates at most as much as it reserves",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log: silent });
    onTestFinished(() => services.stop());
    const call = await givenWallet(db, services);
    const order = { amountMicro: "600", toleranceMicro: "601", description: "A long job", idempotencyKey: newId() };
    expect(await call("/holds", order)).toMatchObject({
      status: 422,
      error: { code: "invalid_input", details: { mostMicro: "600" } },
    });
    const [one, other] = [order, { ...order, idempotencyKey: newId() }].map((each) => ({
      ...each,
      toleranceMicro: "0",
    }));
    const held = (await call("/holds", one)) as { id?: string };
    await superuserDb.sql`UPDATE organizations SET status = 'inactive'`;
    expect(await call("/holds", one)).toMatchObject({ status: 200, id: held.id, replayed: true });
    expect(await call("/holds", other)).toMatchObject({ error: { code: "organization_inactive" } });
    const settlement = { amountMicro: "450", description: "The job", idempotencyKey: newId() };
    for (const replayed of [false, true]) {
      expect(await call(`/holds/${held.id}/settle`, settlement)).toMatchObject({ status: 200, replayed });
    }
  },
);
