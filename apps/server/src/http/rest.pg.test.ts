import { addCredits, createApiKey, createOrganization, createServices } from "@guildhall/api/server";
import { allApiKeyScopes } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { Hono } from "hono";
import { expect } from "vitest";
import { createRestApi } from "./rest.ts";

const publicUrl = "https://portal.example.com";

/** An organization with ten credits, a model and a key, and the interface as the server mounts it. */
async function given(db: Database) {
  const errors: object[] = [];
  const log = { info() {}, warn() {}, error: (facts: object) => void errors.push(facts) };
  const services = createServices({ db, clock: systemClock, publicUrl, log });
  const owner = { id: newId(), name: "Ada", email: `${newId()}@example.com`, isPlatformAdmin: false };
  const { id, name, email } = owner;
  await db.sql`INSERT INTO users (id, email, name, password_hash, created_at) VALUES (${id}, ${email}, ${name}, '!', now())`;
  const made = await createOrganization(services, owner, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  const { organizationId, slug } = made;
  const actor = { ...owner, userId: id, organizationId, slug, role: "owner", status: "active" } as const;
  await addCredits(services, actor, { amountMicro: 10_000_000n, idempotencyKey: newId() });
  const model = `model-${newId()}`;
  const micro = { inputMicroPerMillion: 150_000n, outputMicroPerMillion: 600_000n };
  await db.drizzle.insert(modelPrices).values({ model, effectiveFrom: new Date(0), ...micro });
  const { key } = await createApiKey(services, actor, { name: "Test", scopes: allApiKeyScopes });
  const app = new Hono().route("/api/v1", createRestApi(services)).all("*", (c) => c.html("a page"));
  const authorization = `Bearer ${key}`;
  const get = (path: string) => app.request(`/api/v1${path}`, { headers: { authorization } });
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    app.request("/api/v1/usage", {
      method: "POST",
      headers: { authorization, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const use = (more: object = {}) => ({
    agent: "Support",
    model,
    inputTokens: 200_000,
    outputTokens: 28_333,
    idempotencyKey: newId(),
    ...more,
  });
  return { app, authorization, services, errors, email, slug, get, post, use };
}

interface Refusal {
  error: { code: string; message: string; requestId: string; details: Record<string, unknown> };
}

async function refusalOf(answer: Response): Promise<Refusal["error"]> {
  return ((await answer.json()) as Refusal).error;
}

pgTest(
  "S1.13 a use is billed: 201 with what it cost and what is left, 200 when it is sent again",
  async ({ db, onTestFinished }) => {
    const { services, email, post, use } = await given(db);
    onTestFinished(() => services.stop());
    const reported = use({ member: email });
    const first = await post(reported);
    expect(first.status).toBe(201);
    const body = await first.json();
    expect(body).toEqual({
      id: reported.idempotencyKey,
      amountMicro: "47000",
      credits: "0.047",
      balanceMicro: "9953000",
      sequence: "2",
      replayed: false,
    });
    const again = await post(reported);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual({ ...body, replayed: true });
    const other = await post({ ...reported, inputTokens: 1 });
    expect(other.status).toBe(409);
    expect(await refusalOf(other)).toMatchObject({ code: "idempotency_conflict" });
  },
);

pgTest("the wallet, its history and the prices can be read with the same key", async ({ db, onTestFinished }) => {
  const { services, slug, get, post, use } = await given(db);
  onTestFinished(() => services.stop());
  const reported = use();
  await post(reported);
  expect(await (await get("/wallet")).json()).toEqual({
    organization: { slug, name: "Acme", status: "active" },
    balanceMicro: "9953000",
    heldMicro: "0",
    availableMicro: "9953000",
    sequence: "2",
  });
  const page = (await (await get("/wallet/transactions?limit=1")).json()) as { items: unknown[]; nextBefore: string };
  expect(page).toMatchObject({ items: [{ id: reported.idempotencyKey, amountMicro: "-47000" }], nextBefore: "2" });
  expect(await (await get("/wallet/transactions?before=2")).json()).toMatchObject({
    items: [{ sequence: "1", amountMicro: "10000000", balanceAfterMicro: "10000000" }],
    nextBefore: null,
  });
  expect(JSON.stringify(await (await get("/prices")).json())).toContain(reported.model);
  for (const query of ["limit=0", "limit=1001", "limit=x", "before=-1", "before=x"]) {
    expect((await get(`/wallet/transactions?${query}`)).status, query).toBe(422);
  }
});

pgTest("an empty wallet is 402 with both amounts and no effect", async ({ db, onTestFinished }) => {
  const { services, get, post, use } = await given(db);
  onTestFinished(() => services.stop());
  const answer = await post(use({ inputTokens: 900_000_000 }));
  expect(answer.status).toBe(402);
  expect(await refusalOf(answer)).toMatchObject({
    code: "insufficient_balance",
    message: "The wallet holds 10 credits; this needs 135.017. Add credits first.",
    details: { balanceMicro: "10000000", requiredMicro: "135017000" },
  });
  expect(await (await get("/wallet")).json()).toMatchObject({ balanceMicro: "10000000", sequence: "1" });
});

pgTest(
  "without a valid key there is 401 and how to authenticate, even for what does not exist",
  async ({ db, onTestFinished }) => {
    const { app, services, post, use } = await given(db);
    onTestFinished(() => services.stop());
    const keys = ["", "Bearer", "Bearer gh_x", "Basic YTpi", `Bearer gh_${"0".repeat(32)}_${"A".repeat(43)}`];
    for (const authorization of keys) {
      const answer = await post(use(), { authorization });
      expect(answer.status, authorization).toBe(401);
      expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="Guildhall"');
      expect(await refusalOf(answer)).toMatchObject({ code: "invalid_api_key", details: {} });
    }
    expect((await app.request("/api/v1/nothing")).status).toBe(401);
    expect((await app.request("/api/v1/wallet", { headers: { cookie: "session=x" } })).status).toBe(401);
  },
);

pgTest("bad input is refused by field, bad JSON and other types as such", async ({ db, onTestFinished }) => {
  const { services, get, post, use } = await given(db);
  onTestFinished(() => services.stop());
  const faults: [object, string][] = [
    [{ inputTokens: -1 }, "inputTokens"],
    [{ inputTokens: 1.5 }, "inputTokens"],
    [{ outputTokens: "12" }, "outputTokens"],
    [{ agent: " " }, "agent"],
    [{ agent: "a\u0000b" }, "agent"],
    [{ model: undefined }, "model"],
    [{ idempotencyKey: "" }, "idempotencyKey"],
    [{ idempotencyKey: "x".repeat(201) }, "idempotencyKey"],
    [{ occurredAt: "yesterday" }, "occurredAt"],
    [{ membr: "typo" }, "membr"],
  ];
  for (const [change, field] of faults) {
    const answer = await post(use(change));
    expect(answer.status, field).toBe(422);
    const { code, message, details } = await refusalOf(answer);
    expect(code).toBe("invalid_input");
    expect(Object.keys(details)).toEqual([field]);
    expect(message.length).toBeGreaterThan(field.length);
  }
  expect((await post("{")).status).toBe(422);
  expect((await post("[]")).status).toBe(422);
  expect((await post(use(), { "content-type": "text/plain" })).status).toBe(415);
  expect((await post(use({ agent: "x".repeat(70_000) }))).status).toBe(413);
  expect(await (await get("/wallet")).json()).toMatchObject({ sequence: "1" });
});

pgTest("refusals of the domain name their cause", async ({ db, superuserDb, onTestFinished }) => {
  const { services, slug, post, use } = await given(db);
  onTestFinished(() => services.stop());
  const model = await post(use({ model: "gpt-9" }));
  expect([model.status, await refusalOf(model)]).toMatchObject([
    422,
    { code: "unknown_model", details: { model: "gpt-9" } },
  ]);
  const member = await post(use({ member: "eve@example.com" }));
  expect([member.status, await refusalOf(member)]).toMatchObject([
    422,
    { code: "unknown_member", details: { member: "eve@example.com" } },
  ]);
  await superuserDb.sql`UPDATE organizations SET status = 'inactive' WHERE slug = ${slug}`;
  const inactive = await post(use());
  expect([inactive.status, await refusalOf(inactive)]).toMatchObject([403, { code: "organization_inactive" }]);
});

pgTest(
  "every answer can be found in the log, none is kept by a cache, and the unknown is JSON",
  async ({ db, onTestFinished }) => {
    const { services, get } = await given(db);
    onTestFinished(() => services.stop());
    const [good, bad] = [await get("/wallet"), await get("/walet")];
    expect(bad.status).toBe(404);
    expect((await refusalOf(bad)).requestId).toBe(bad.headers.get("x-request-id"));
    for (const answer of [good, bad]) {
      expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  },
);

pgTest(
  "a full queue is 429 with Retry-After; a defect is 500, logged, and shows no inside",
  async ({ db, onTestFinished }) => {
    const { services, errors, post, use } = await given(db);
    onTestFinished(() => services.stop());
    await services.ledger.stop();
    const busy = await post(use());
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await refusalOf(busy)).code).toBe("overloaded");
    services.ledger.post = () => Promise.reject(new Error("the inside"));
    const broken = await post(use());
    expect(broken.status).toBe(500);
    const { code, message, requestId } = await refusalOf(broken);
    expect([code, message.includes("inside")]).toEqual(["internal", false]);
    expect(errors).toMatchObject([{ requestId, path: "/api/v1/usage" }]);
  },
);

pgTest("a hundred uses at once are all charged, exactly", async ({ db, onTestFinished }) => {
  const { services, get, post, use } = await given(db);
  onTestFinished(() => services.stop());
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(use())));
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 201));
  expect(await (await get("/wallet")).json()).toMatchObject({
    balanceMicro: String(10_000_000 - 47_000 * 100),
    sequence: "101",
  });
});

pgTest("the history is searched by the same filters as on the page", async ({ db, onTestFinished }) => {
  const { services, email, get, post, use } = await given(db);
  onTestFinished(() => services.stop());
  await post(use());
  await post(use({ agent: "Sales", member: email }));
  const sequences = async (query: string) => {
    const { items } = (await (await get(`/wallet/transactions?${query}`)).json()) as { items: { sequence: string }[] };
    return items.map(({ sequence }) => sequence);
  };
  expect(await sequences("kinds=usage,refund")).toEqual(["3", "2"]);
  expect(await sequences("agent=Sales")).toEqual(["3"]);
  expect(await sequences("minAmountMicro=1&to=2100-01-01T00:00:00Z")).toEqual(["1"]);
  for (const query of ["kinds=theft", "from=yesterday", "member=ada", "maxAmountMicro=1.5"]) {
    expect((await get(`/wallet/transactions?${query}`)).status, query).toBe(422);
  }
});

pgTest(
  "a use is reversed: 201 with what came back, 200 when it is sent again, 409 under another key",
  async ({ db, onTestFinished }) => {
    const { app, authorization, services, get, post, use } = await given(db);
    onTestFinished(() => services.stop());
    const billed = (await (await post(use())).json()) as { id: string };
    const reverse = (id: string, body: object) =>
      app.request(`/api/v1/usage/${id}/reversal`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const request = { reason: "Wrong model", idempotencyKey: newId() };
    const first = await reverse(billed.id, request);
    expect(first.status).toBe(201);
    const body = await first.json();
    expect(body).toEqual({
      ...{ id: request.idempotencyKey, usageId: billed.id, amountMicro: "47000", credits: "0.047" },
      ...{ balanceMicro: "10000000", sequence: "3", replayed: false },
    });
    const again = await reverse(billed.id, request);
    expect([again.status, await again.json()]).toEqual([200, { ...(body as object), replayed: true }]);
    const other = await reverse(billed.id, { ...request, idempotencyKey: newId() });
    expect([other.status, await refusalOf(other)]).toMatchObject([
      409,
      { code: "already_reversed", details: { reversalId: request.idempotencyKey } },
    ]);
    expect((await reverse(newId(), { ...request, idempotencyKey: newId() })).status).toBe(404);
    expect((await reverse(billed.id, { idempotencyKey: newId() })).status).toBe(422);
    expect(await (await get("/wallet")).json()).toMatchObject({ balanceMicro: "10000000", sequence: "3" });
  },
);
