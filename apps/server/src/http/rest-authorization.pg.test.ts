import {
  addCredits,
  createApiKey,
  createOrganization,
  createServices,
  type OrganizationActor,
  type Services,
} from "@guildhall/api/server";
import type { Database } from "@guildhall/db";
import { checksumRows, useDatabase } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRestApi } from "./rest.ts";

/*
 * Made of the list of routes itself: a new route is in here, and fails until REQUESTS says how it is asked. An organization's key is
 * its authority; keys have no lesser scopes.
 */

/** What of an organization a request can name. */
interface Ids {
  usageId: string;
  holdId: string;
  memberId: string;
  /** By e-mail. */
  member: string;
}

interface Asked {
  path: string;
  body?: object;
  query?: Record<string, string>;
}

const model = "plain";
const idempotencyKey = () => newId();
const use = (member: string) => ({
  ...{ agent: "a", model, member },
  inputTokens: 5,
  outputTokens: 0,
  idempotencyKey: newId(),
});

/** How each route is asked, with whose ids. */
const REQUESTS: Record<string, (ids: Ids) => Asked> = {
  "POST /usage": ({ member }) => ({ path: "/usage", body: use(member) }),
  "POST /usage/bulk": ({ member }) => ({ path: "/usage/bulk", body: { items: [use(member)] } }),
  "POST /usage/:id/reversal": ({ usageId }) => ({
    path: `/usage/${usageId}/reversal`,
    body: { reason: "Wrong", idempotencyKey: idempotencyKey() },
  }),
  "GET /holds": () => ({ path: "/holds" }),
  "POST /holds": () => ({
    path: "/holds",
    body: { amountMicro: "5", description: "Job", idempotencyKey: idempotencyKey() },
  }),
  "POST /holds/:id/settle": ({ holdId }) => ({
    path: `/holds/${holdId}/settle`,
    body: { amountMicro: "1", description: "Job", idempotencyKey: idempotencyKey() },
  }),
  "POST /holds/:id/release": ({ holdId }) => ({
    path: `/holds/${holdId}/release`,
    body: { idempotencyKey: idempotencyKey() },
  }),
  "GET /wallet": () => ({ path: "/wallet" }),
  "GET /wallet/transactions": ({ memberId }) => ({ path: "/wallet/transactions", query: { member: memberId } }),
  "GET /prices": () => ({ path: "/prices" }),
};

const database = useDatabase();
let services: ReturnType<typeof createServices>;
let rest: ReturnType<typeof createRestApi>;
let ours: Party;
let another: Party;

interface Party {
  organizationId: string;
  key: string;
  ids: Ids;
  revokedKey: string;
}

beforeAll(async () => {
  const log = { info() {}, warn() {}, error() {} };
  services = createServices({ db: database.db, clock: systemClock, publicUrl: "https://portal.example.com", log });
  rest = createRestApi(services);
  await database.superuserDb
    .sql`INSERT INTO model_prices (model, effective_from, input_micro_per_million, output_micro_per_million)
    VALUES (${model}, '2000-01-01', 1000000, 0)`;
  ours = await givenParty(services, database.db);
  another = await givenParty(services, database.db);
}, 60_000);

afterAll(() => services.stop());

async function givenParty(services: Services, db: Database): Promise<Party> {
  const user = { id: newId(), name: "Ada", email: `${newId()}@example.com`, isPlatformAdmin: false };
  await db.sql`INSERT INTO users (id, email, name, password_hash, created_at)
    VALUES (${user.id}, ${user.email}, 'Ada', '!', now())`;
  const made = await createOrganization(services, user, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  const { organizationId } = made;
  const actor: OrganizationActor = { ...user, ...made, userId: user.id, role: "owner", status: "active" };
  await addCredits(services, actor, { amountMicro: 1_000_000n, idempotencyKey: newId() });
  const { key } = await createApiKey(services, actor, { name: "Nightly" });
  const revoked = await createApiKey(services, actor, { name: "Old" });
  await database.superuserDb.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${revoked.apiKeyId}`;
  const ask = async (asked: Asked) => (await (await send(key, "POST", asked)).json()) as { id: string };
  const { id: usageId } = await ask({ path: "/usage", body: use(user.email) });
  const { id: holdId } = await ask({
    path: "/holds",
    body: { amountMicro: "5", description: "Job", idempotencyKey: newId() },
  });
  await send(key, "GET", { path: "/wallet" }); // Its last use is noted now, not in the middle of a test.
  return {
    organizationId,
    key,
    ids: { usageId, holdId, memberId: user.id, member: user.email },
    revokedKey: revoked.key,
  };
}

function send(key: string | undefined, method: string, { path, body, query }: Asked): Promise<Response> {
  const search = query ? `?${new URLSearchParams(query)}` : "";
  return Promise.resolve(
    rest.request(path + search, {
      method,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
}

/** An answer without what is different in each: the request's id, and the ids that were asked for. */
async function read(answer: Response): Promise<{ status: number; body: unknown }> {
  const text = await answer.text();
  const blind = text
    .replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, "«id»")
    .replace(/[\w.+-]+@[\w.-]+/g, "«email»");
  return { status: answer.status, body: JSON.parse(blind) };
}

const checksum = () => {
  const id = [ours.organizationId];
  return checksumRows(database.superuserDb, { organization_id: id, book_id: id, scope_id: id });
};

/** Routes, not middleware: those answer to every method. */
const routes = [
  ...new Set(
    createRestApi({} as Services)
      .routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/(.)\/$/, "$1")}`),
  ),
];

test("every route is asked here", () => {
  expect(routes.filter((route) => !(route in REQUESTS))).toEqual([]);
  expect(Object.keys(REQUESTS).filter((route) => !routes.includes(route))).toEqual([]);
});

describe.each(Object.entries(REQUESTS))("%s", (route, requestOf) => {
  const [method = ""] = route.split(" ");

  test("refuses whoever has no key that holds, all alike, and changes nothing", async () => {
    const before = await checksum();
    const foreignSecret = `gh_${ours.organizationId.replaceAll("-", "")}_${another.key.slice(-43)}`;
    const unknown = `gh_${newId().replaceAll("-", "")}_${"a".repeat(43)}`;
    const answers = [];
    for (const key of [unknown, ours.revokedKey, foreignSecret, "gh_nothing", ours.key.slice(0, -1)]) {
      answers.push(await read(await send(key, method, requestOf(ours.ids))));
    }
    expect(answers[0]).toMatchObject({ status: 401, body: { error: { code: "invalid_api_key" } } });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await send(undefined, method, requestOf(ours.ids))).status).toBe(401);
    expect(await checksum()).toEqual(before);
  });

  test("answers another organization's ids as those of nothing, and leaves that organization as it is", async () => {
    const before = await checksum();
    const missing: Ids = { usageId: newId(), holdId: newId(), memberId: newId(), member: `${newId()}@example.com` };
    const foreign = await read(await send(another.key, method, requestOf(ours.ids)));
    const nonexistent = await read(await send(another.key, method, requestOf(missing)));
    if (namesNothing(requestOf)) expect(foreign.status).toBe(nonexistent.status);
    else expect(foreign).toEqual(nonexistent);
    expect(await checksum()).toEqual(before);
  });

  test("lets the organization's own key in", async () => {
    const { status } = await send(another.key, method, requestOf(another.ids));
    // A hold that has ended is a conflict: whoever is told so was let in.
    expect([401, 403, 404]).not.toContain(status);
  });
});

/** Requests that name nothing are the same both times, and the second finds what the first has done. */
function namesNothing(requestOf: (ids: Ids) => Asked): boolean {
  const named = "«named»";
  return !JSON.stringify(requestOf({ usageId: named, holdId: named, memberId: named, member: named })).includes(named);
}
