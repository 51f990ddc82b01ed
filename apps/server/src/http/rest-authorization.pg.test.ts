import {
  addCredits,
  createApiKey,
  createOrganization,
  createServices,
  type OrganizationActor,
  type Services,
} from "@guildhall/api/server";
import { type ApiKeyScope, allApiKeyScopes, apiKeyScopes } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { checksumRows, useDatabase } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createRestApi } from "./rest.ts";

/*
 * Made of the list of routes itself: a new route is in here, and fails until REQUESTS says how it is asked, and the table of scopes
 * which scope it needs. An organization's key is its authority, as far as its scopes go: every route is asked with every single one.
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
  /** Instead of a body: a stream of one line each. */
  lines?: object[];
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

/** How each route is asked, with whose ids; in more than one way where it takes more, told apart in brackets. */
const REQUESTS: Record<string, (ids: Ids) => Asked> = {
  "POST /usage": ({ member }) => ({ path: "/usage", body: use(member) }),
  "POST /usage/bulk": ({ member }) => ({ path: "/usage/bulk", body: { items: [use(member)] } }),
  "POST /usage/bulk (stream)": ({ member }) => ({ path: "/usage/bulk", lines: [use(member)] }),
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
  /** With every scope. */
  key: string;
  /** With this scope alone. */
  only: Record<ApiKeyScope, string>;
  /** With every other scope. */
  without: Record<ApiKeyScope, string>;
  ids: Ids;
  /** One that had every scope, and one that had a single one. */
  revokedKeys: string[];
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
}, 300_000);

afterAll(() => services.stop());

async function givenParty(services: Services, db: Database): Promise<Party> {
  const user = { id: newId(), name: "Ada", email: `${newId()}@example.com`, isPlatformAdmin: false };
  await db.sql`INSERT INTO users (id, email, name, password_hash, created_at)
    VALUES (${user.id}, ${user.email}, 'Ada', '!', now())`;
  const made = await createOrganization(services, user, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  const { organizationId } = made;
  const actor: OrganizationActor = { ...user, ...made, userId: user.id, role: "owner", status: "active" };
  await addCredits(services, actor, { amountMicro: 1_000_000n, idempotencyKey: newId() });
  const make = async (scopes: readonly ApiKeyScope[]) =>
    (await createApiKey(services, actor, { name: scopes.join(" "), scopes })).key;
  const makeEach = async (scopesOf: (scope: ApiKeyScope) => ApiKeyScope[]) =>
    Object.fromEntries(
      await Promise.all(allApiKeyScopes.map(async (scope) => [scope, await make(scopesOf(scope))])),
    ) as Record<ApiKeyScope, string>;
  const revokedKeys = [await make(allApiKeyScopes), await make(["prices:read"])];
  await database.superuserDb.sql`UPDATE api_keys SET revoked_at = now() WHERE organization_id = ${organizationId}`;
  const key = await make(allApiKeyScopes);
  const only = await makeEach((scope) => [scope]);
  const without = await makeEach((scope) => allApiKeyScopes.filter((other) => other !== scope));
  const ask = async (asked: Asked) => (await (await send(key, "POST", asked)).json()) as { id: string };
  const { id: usageId } = await ask({ path: "/usage", body: use(user.email) });
  const { id: holdId } = await ask({
    path: "/holds",
    body: { amountMicro: "5", description: "Job", idempotencyKey: newId() },
  });
  await useOnce([key, ...Object.values(only), ...Object.values(without)], organizationId);
  return {
    ...{ organizationId, key, only, without, revokedKeys },
    ids: { usageId, holdId, memberId: user.id, member: user.email },
  };
}

/** So that the last use of each key is noted now, and not in the middle of a test. */
async function useOnce(keys: string[], organizationId: string): Promise<void> {
  for (const key of keys) await send(key, "GET", { path: "/nothing" });
  const unused = () => database.superuserDb.sql`
    SELECT name FROM api_keys WHERE organization_id = ${organizationId} AND revoked_at IS NULL AND last_used_at IS NULL`;
  await vi.waitFor(async () => expect(await unused()).toEqual([]), { timeout: 20_000 });
}

function send(key: string | undefined, method: string, { path, body, lines, query }: Asked): Promise<Response> {
  const search = query ? `?${new URLSearchParams(query)}` : "";
  const type = lines ? "application/x-ndjson" : "application/json";
  const text = lines ? lines.map((line) => `${JSON.stringify(line)}\n`).join("") : body && JSON.stringify(body);
  return Promise.resolve(
    rest.request(path + search, {
      method,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...(text && { "content-type": type }) },
      ...(text && { body: text }),
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

/** A route without what tells the ways apart in which it is asked. */
const routeOf = (name: string) => name.replace(/ \(.*$/, "");

/** The scope that the table says a route needs. */
function scopeOf(route: string): ApiKeyScope {
  const scope = allApiKeyScopes.find((one) => (apiKeyScopes[one].requests as readonly string[]).includes(route));
  if (!scope) throw new Error(`No scope is for ${route}.`);
  return scope;
}

test("every route is asked here", () => {
  expect(new Set(Object.keys(REQUESTS).map(routeOf))).toEqual(new Set(routes));
});

test("every route needs one scope of the table, and every scope is for a route", () => {
  expect(allApiKeyScopes.flatMap((scope) => apiKeyScopes[scope].requests).sort()).toEqual([...routes].sort());
});

describe.each(Object.entries(REQUESTS))("%s", (route, requestOf) => {
  const [method = ""] = route.split(" ");
  const needed = scopeOf(routeOf(route));

  test("refuses whoever has no key that holds, all alike, and changes nothing", async () => {
    const before = await checksum();
    const foreignSecret = `gh_${ours.organizationId.replaceAll("-", "")}_${another.key.slice(-43)}`;
    const unknown = `gh_${newId().replaceAll("-", "")}_${"a".repeat(43)}`;
    const answers = [];
    for (const key of [unknown, ...ours.revokedKeys, foreignSecret, "gh_nothing", ours.key.slice(0, -1)]) {
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

  test("refuses a key that has every scope but the needed one, and says which it is; and changes nothing", async () => {
    const before = await checksum();
    const others = allApiKeyScopes.filter((scope) => scope !== needed);
    const keys = [ours.without[needed], ...others.map((scope) => ours.only[scope])];
    for (const key of keys) {
      const { status, body } = await read(await send(key, method, requestOf(ours.ids)));
      const message = expect.stringMatching(`lacks the scope ${needed}, .*Settings > API keys`);
      expect({ status, body }).toMatchObject({
        ...{ status: 403, body: { error: { code: "missing_scope", message, details: { scope: needed } } } },
      });
    }
    expect(await checksum()).toEqual(before);
  });

  test("lets the organization's own key in, with every scope or with the needed one alone", async () => {
    for (const key of [another.key, another.only[needed]]) {
      const { status } = await send(key, method, requestOf(another.ids));
      // A hold that has ended is a conflict: whoever is told so was let in.
      expect([401, 403, 404]).not.toContain(status);
    }
  });

  test("tells a key without the needed scope no more of another organization's ids than of its own", async () => {
    const foreign = await read(await send(another.without[needed], method, requestOf(ours.ids)));
    expect(foreign).toEqual(await read(await send(another.without[needed], method, requestOf(another.ids))));
  });
});

/** Requests that name nothing are the same both times, and the second finds what the first has done. */
function namesNothing(requestOf: (ids: Ids) => Asked): boolean {
  const named = "«named»";
  return !JSON.stringify(requestOf({ usageId: named, holdId: named, memberId: named, member: named })).includes(named);
}
