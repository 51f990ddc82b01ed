import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import {
  addCredits,
  createAcceptUse,
  createApiKey,
  createApiKeys,
  createOrganization,
  createServices,
} from "@guildhall/api/server";
import { allApiKeyScopes } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { pgTest, type TestDatabase } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { getRequestListener } from "@hono/node-server";
import { pino } from "pino";
import { expect, onTestFinished } from "vitest";
import { readEnvironment } from "../env.ts";
import { plainPages } from "../testing/plain-pages.ts";
import { createUseAnswer, listenForUses } from "../usage-socket/index.ts";
import { createApp } from "./app.ts";
import { createDeadlineServer } from "./receive-deadline.ts";
import { createSingleUses } from "./rest-usage.ts";
import { createShortUse } from "./short-use.ts";
import { type Answer, createUsageFastPath } from "./usage-fast-path.ts";

/** One portal behind two ports: one with the short way in front, one without; and two organizations that are alike. */
async function given(db: Database) {
  const log = pino({ level: "silent" });
  const services = createServices({ db, clock: systemClock, publicUrl: "https://portal.example.com", log });
  const apiKeys = createApiKeys(services);
  const singleUses = createSingleUses();
  const app = createApp({
    ...{ environment: readEnvironment({}), allowedOrigins: [], services, pages: plainPages(), log, facts: () => ({}) },
    rest: { apiKeys, singleUses },
  });
  const counts = { normal: 0 };
  const listener = getRequestListener(app.fetch);
  const normalWay: Answer = (request, response) => {
    counts.normal += 1;
    void listener(request, response);
  };
  const { publicUrl } = services;
  const shortUse = createShortUse({ apiKeys, acceptUse: createAcceptUse(services), singleUses });
  const options = { shortUse, publicUrl, log };
  const normal = await listen(normalWay);
  const fast = await listen(createUsageFastPath(options, normalWay));
  const answerNormally = (request: Request, socket: Socket) => {
    counts.normal += 1;
    return app.fetch(request, { incoming: { socket } });
  };
  const socket = await listen(normalWay, createUseAnswer({ ...options, apiKeys, answerNormally }));
  onTestFinished(() => services.stop());
  const models = await givenModels(db);
  return { services, apiKeys, counts, normal, fast, socket, models, establish: () => establish(services) };
}

async function listen(answer: Answer, answerUse?: ReturnType<typeof createUseAnswer>): Promise<number> {
  const server = createDeadlineServer(answer);
  const uses = answerUse && listenForUses(server);
  uses?.serve(answerUse);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close().closeAllConnections();
    uses?.cutAll();
  });
  return (server.address() as AddressInfo).port;
}

async function givenModels(db: Database) {
  const [model, free] = [`model-${newId()}`, `free-${newId()}`];
  const effectiveFrom = new Date(0);
  await db.drizzle.insert(modelPrices).values([
    { model, effectiveFrom, inputMicroPerMillion: 150_000n, outputMicroPerMillion: 600_000n },
    { model: free, effectiveFrom, inputMicroPerMillion: 0n, outputMicroPerMillion: 0n },
  ]);
  return { model, free };
}

async function establish(services: ReturnType<typeof createServices>) {
  const [id, email] = [newId(), `${newId()}@example.com`];
  await services.db
    .sql`INSERT INTO users (id, email, name, password_hash, created_at) VALUES (${id}, ${email}, 'Ada', '!', now())`;
  const owner = { id, email, name: "Ada", isPlatformAdmin: false };
  const made = await createOrganization(services, owner, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  const actor = { ...owner, ...made, userId: id, role: "owner", status: "active" } as const;
  await addCredits(services, actor, { amountMicro: 10_000_000n, idempotencyKey: newId() });
  const narrow = allApiKeyScopes.filter((scope) => scope !== "usage:write");
  const { key: narrowKey } = await createApiKey(services, actor, { name: "Reader", scopes: narrow });
  return { actor, narrowKey, ...(await createApiKey(services, actor, { name: "Key", scopes: allApiKeyScopes })) };
}

interface Sent {
  method?: string;
  path?: string;
  /** Lines of the head beside host and what the body needs. */
  head?: string[];
  body?: string | Buffer;
  isChunked?: boolean;
}

/** The bytes of a request; by hand, for clients would not send what is sent here. */
function toBytes({ method = "POST", path = "/api/v1/usage", head = [], body = "", isChunked = false }: Sent): Buffer {
  const bytes = Buffer.from(body as string);
  const framing = isChunked ? ["transfer-encoding: chunked"] : [`content-length: ${bytes.length}`];
  const lines = [`${method} ${path} HTTP/1.1`, "host: localhost", ...head, ...framing];
  const chunked = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n0\r\n\r\n")]);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), isChunked ? chunked : bytes]);
}

interface Received {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** Sends bytes on a connection of their own and hands out so many answers, in the order in which they came. */
async function exchange(port: number, bytes: Buffer, { count = 1, isHead = false } = {}): Promise<Received[]> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.write(bytes);
  const answers: Received[] = [];
  let heard = "";
  for await (const chunk of socket.setEncoding("utf8")) {
    heard += chunk;
    for (let read = readAnswer(heard, isHead); read; read = readAnswer(heard, isHead)) {
      answers.push(read.answer);
      heard = read.rest;
    }
    if (answers.length >= count) break;
  }
  socket.destroy();
  return answers;
}

function readAnswer(heard: string, isHead: boolean): { answer: Received; rest: string } | undefined {
  const end = heard.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = heard.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
  );
  const body = Buffer.from(heard.slice(end + 4));
  const length = isHead ? 0 : Number(headers["content-length"] ?? 0);
  if (body.length < length) return undefined;
  const answer = { status: Number(first.split(" ")[1]), headers, text: body.subarray(0, length).toString() };
  return { answer, rest: body.subarray(length).toString() };
}

/** Without what differs from request to request. */
function comparable({ status, headers: { date: _, ...headers }, text }: Received) {
  const id = headers["x-request-id"] ?? "none";
  const isOwn = /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id);
  const unnamed = (value: string) => (isOwn ? value.replaceAll(id, "ID") : value);
  return { status, headers: { ...headers, "x-request-id": unnamed(id) }, text: unnamed(text) };
}

const JSON_TYPE = "content-type: application/json";

const BODIES = ["", "{", "[]", "null", "1", '"x"', "{}", "\ufeff{}", "\u0000", '{"agent":1}', " ", "{}{}"];
const PATHS = ["/api/v1/usage?x=1", "/api/v1/usage/", "/api/v1/Usage", "//api/v1/usage", "/api/v1/usage%20"];
const METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Changes that make a report wrong, or its use one that cannot be charged. */
function changesOf(free: string): object[] {
  return [
    ...["agent", "model", "inputTokens", "outputTokens"].flatMap((field) =>
      [null, "", " ", -1, 1.5, true, [], {}, "x".repeat(300), 2e9, "a\u0000b", "a\ud800"].map((value) => ({
        [field]: value,
      })),
    ),
    ...[1, "yesterday", "2026-02-30T00:00:00Z", "2999-01-01T00:00:00Z", null].map((occurredAt) => ({ occurredAt })),
    ...[1, "", "eve@example.com", newIdOf(7), null].map((member) => ({ member })),
    ...[{ membr: "typo" }, { model: "gpt-9" }, { inputTokens: 900_000_000 }, { model: free }],
  ];
}

/** Heads that are odd in one way each. */
function headsOf(key: string): Record<string, string[]> {
  const bearer = `authorization: Bearer ${key}`;
  return {
    "no key": [JSON_TYPE],
    "no type": [bearer],
    "another scheme": ["authorization: Basic YTpi", JSON_TYPE],
    "a malformed key": ["authorization: Bearer gh_x", JSON_TYPE],
    "an unknown key": [`authorization: Bearer gh_${"0".repeat(32)}_${"A".repeat(43)}`, JSON_TYPE],
    "the key twice": [bearer, bearer, JSON_TYPE],
    "another key after it": [bearer, "Authorization: Bearer gh_x", JSON_TYPE],
    "spaces and capitals": [`AUTHORIZATION: bearer   ${key}`, "Content-Type: Application/JSON ; charset=utf-8"],
    text: [bearer, "content-type: text/plain"],
    "two types": [bearer, JSON_TYPE, "content-type: text/plain"],
    "another site": [bearer, JSON_TYPE, "origin: https://evil.example", "sec-fetch-site: cross-site"],
    "a cookie": [JSON_TYPE, "cookie: session=x"],
    "an id": [bearer, JSON_TYPE, "x-request-id: given-by-a-proxy"],
    "an id that nobody may give": [bearer, JSON_TYPE, "x-request-id: <script>"],
    close: [bearer, JSON_TYPE, "connection: close"],
    expect: [bearer, JSON_TYPE, "expect: 200-maybe"],
  };
}

/** A report in which bytes are no UTF-8. */
function brokenText(model: string): Buffer {
  const rest = `","model":"${model}","inputTokens":1,"outputTokens":1,"idempotencyKey":"utf8"}`;
  return Buffer.concat([Buffer.from('{"agent":"a'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(rest)]);
}

function named<T>(all: readonly T[], toEntry: (one: T, n: number) => [string, Sent]): Record<string, Sent> {
  return Object.fromEntries(all.map(toEntry));
}

/** Everything that could be told apart, by name, in the order in which it is sent; made for the organization of a key. */
function requestsOf(key: string, { model, free }: { model: string; free: string }): Record<string, Sent> {
  const head = [`authorization: Bearer ${key}`, JSON_TYPE];
  const plain = { agent: "Support", model, inputTokens: 200_000, outputTokens: 28_333 };
  const send = (body: string | Buffer, more: Partial<Sent> = {}): Sent => ({ head, body, ...more });
  const use = (more: object, sent: Partial<Sent> = {}) => send(JSON.stringify({ ...plain, ...more }), sent);
  return {
    "a use": use({ idempotencyKey: "first" }),
    "the use again": use({ idempotencyKey: "first" }),
    "another use under its key": use({ idempotencyKey: "first", inputTokens: 1 }),
    "a use in chunks": use({ idempotencyKey: "chunked" }, { isChunked: true }),
    "a use of an agent with an accent": use({ idempotencyKey: "accent", agent: "Süd · 東" }),
    "a use with spaces around": use({ idempotencyKey: "spaces", agent: "  Support " }),
    "a use with invalid UTF-8": send(brokenText(model)),
    "a use of long ago": use({ idempotencyKey: "ago", occurredAt: "2026-01-01T00:00:00Z" }),
    "a body beyond the limit": use({ idempotencyKey: "long", agent: "x".repeat(70_000) }),
    "a large body within it": use({ idempotencyKey: "large", agent: "x".repeat(60_000) }),
    "no idempotency key": use({}),
    "the whole address": use({ idempotencyKey: "absolute" }, { path: "http://localhost/api/v1/usage" }),
    ...named(BODIES, (body) => [`the body ${JSON.stringify(body)}`, send(body)]),
    ...named(changesOf(free), (change, n) => [
      JSON.stringify(change).slice(0, 60),
      use({ idempotencyKey: `change ${n}`, ...change }),
    ]),
    ...named(Object.entries(headsOf(key)), ([name, odd]) => [name, use({ idempotencyKey: name }, { head: odd })]),
    ...named(METHODS, (method) => [method, send("", { method })]),
    ...named(PATHS, (path) => [path, use({ idempotencyKey: path }, { path })]),
  };
}

type Asked = ReturnType<typeof requestsOf>;

/** A UUIDv7 of nobody. */
function newIdOf(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

pgTest("S1.13 the short ways and the normal way give the same answer to whatever is sent", async ({ db }) => {
  const { normal, fast, socket, models, establish } = await given(db);
  const [one, other, third] = [await establish(), await establish(), await establish()];
  const [ofOne, ofOther, ofThird] = [one, other, third].map(({ key }) => requestsOf(key, models)) as [
    Asked,
    Asked,
    Asked,
  ];
  const statuses = new Set<number>();
  for (const [name, sent] of Object.entries(ofOne)) {
    const isHead = sent.method === "HEAD";
    const [expected] = await exchange(normal, toBytes(sent), { isHead });
    const [got] = await exchange(fast, toBytes(ofOther[name] as Sent), { isHead });
    const [heard] = await exchange(socket, toBytes(ofThird[name] as Sent), { isHead });
    expect(got && comparable(got), name).toEqual(expected && comparable(expected));
    expect(heard && comparable(heard), `${name}, on the socket`).toEqual(expected && comparable(expected));
    statuses.add(got?.status ?? 0);
  }
  expect([...statuses].sort()).toEqual([200, 201, 401, 402, 404, 409, 413, 415, 417, 422]);
});

/** A guarantee that both short ways give: on Node's request, and on the socket. */
function eachWay(
  name: string,
  prove: (given: Pick<TestDatabase, "db" | "superuserDb">, way: "fast" | "socket") => Promise<void>,
): void {
  for (const way of ["fast", "socket"] as const)
    pgTest(`${name} (${way})`, ({ db, superuserDb }) => prove({ db, superuserDb }, way));
}

eachWay("what nearly every report is takes the short way", async ({ db }, way) => {
  const { counts, [way]: port, models, establish } = await given(db);
  const { key } = await establish();
  const { "a use": use } = requestsOf(key, models);
  const send = async (change: string) => {
    const body = String(use?.body).replace('"first"', `"${change}"`);
    const [answer] = await exchange(port, toBytes({ ...use, body }));
    return answer?.status;
  };
  expect([await send("one"), counts.normal]).toEqual([201, 1]); // The key was not known yet.
  expect([await send("two"), await send("three"), counts.normal]).toEqual([201, 201, 1]);
  expect([await send("three"), counts.normal]).toEqual([200, 2]);
});

eachWay(
  "a key that was revoked, by another process too, charges nothing from the next request on; its neighbours are charged",
  async ({ db, superuserDb }, way) => {
    const { counts, [way]: port, models, establish } = await given(db);
    const [gone, other] = [await establish(), await establish()];
    const bytesOf = (key: string, id: string) => {
      const { "a use": use } = requestsOf(key, models);
      return toBytes({ ...use, body: String(use?.body).replace('"first"', `"${id}"`) });
    };
    const send = async (key: string, id: string) => (await exchange(port, bytesOf(key, id)))[0]?.status;
    for (const { key } of [gone, other]) expect(await send(key, "warm")).toBe(201);
    await superuserDb.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${gone.apiKeyId}`;
    const before = counts.normal;
    const keys = Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? gone.key : other.key));
    const answered = await Promise.all(keys.map((key, n) => send(key, `n${n}`)));
    expect(answered).toEqual(keys.map((key) => (key === gone.key ? 401 : 201)));
    expect(counts.normal - before).toBe(10);
    await superuserDb.sql`UPDATE organizations SET status = 'inactive' WHERE id = ${other.actor.organizationId}`;
    expect(await send(other.key, "inactive")).toBe(403);
    const [balances] = await superuserDb.sql`
      SELECT count(*) FILTER (WHERE organization_id = ${gone.actor.organizationId})::int AS gone, count(*)::int AS all FROM usage_events`;
    expect(balances).toMatchObject({ gone: 1 });
  },
);

eachWay(
  "a key without usage:write is told so, both ways alike, and charges nothing; one with it alone is let in",
  async ({ db, superuserDb }, way) => {
    const { services, apiKeys, counts, normal, [way]: port, models, establish } = await given(db);
    const { actor, key, narrowKey } = await establish();
    const { key: onlyKey } = await createApiKey(services, actor, { name: "Only", scopes: ["usage:write"] });
    for (const each of [key, narrowKey, onlyKey]) await apiKeys.check(each);
    const requests = { ...requestsOf(narrowKey, models) };
    for (const name of ["a use", "a use in chunks", "a body beyond the limit", 'the body "{"', "no idempotency key"]) {
      const bytes = toBytes(requests[name] as Sent);
      const [expected] = await exchange(normal, bytes);
      const [got] = await exchange(port, bytes);
      expect(got && comparable(got), name).toEqual(expected && comparable(expected));
      expect(got?.status, name).toBe(403);
      expect(JSON.parse(got?.text ?? "").error, name).toMatchObject({
        code: "missing_scope",
        details: { scope: "usage:write" },
      });
    }
    const [uses] =
      await superuserDb.sql`SELECT count(*)::int AS count FROM usage_events WHERE organization_id = ${actor.organizationId}`;
    expect(uses).toEqual({ count: 0 });
    const before = counts.normal;
    const [charged] = await exchange(port, toBytes(requestsOf(onlyKey, models)["a use"] as Sent));
    expect([charged?.status, counts.normal - before]).toEqual([201, 0]);
  },
);

eachWay("several requests in one packet are answered in their order, also where the ways mix", async ({ db }, way) => {
  const { [way]: port, models, establish } = await given(db);
  const { key } = await establish();
  const requests = requestsOf(key, models);
  await exchange(port, toBytes(requests["a use"] as Sent));
  const names = ["a use with spaces around", "{}{}", "a use in chunks", "the use again", "a use of long ago"];
  const bytes = names.map((name) => toBytes((requests[name] ?? requests[`the body ${JSON.stringify(name)}`]) as Sent));
  const answers = await exchange(port, Buffer.concat(bytes), { count: names.length });
  expect(answers.map(({ status }) => status)).toEqual([201, 422, 201, 200, 201]);
});

eachWay(
  "a client that hangs up in the middle leaves nothing behind; after it, the use is charged once",
  async ({ db }, way) => {
    const { services, [way]: port, models, establish } = await given(db);
    const { key } = await establish();
    const { "a use": use, "a large body within it": large } = requestsOf(key, models);
    await exchange(port, toBytes(use as Sent));
    const hangUp = async (bytes: Buffer) => {
      const socket: Socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      await new Promise<void>((sent) => socket.write(bytes, () => sent()));
      socket.destroy();
      await new Promise((closed) => socket.once("close", closed));
    };
    await hangUp(toBytes(large as Sent).subarray(0, 2_000));
    const late = { ...use, body: String(use?.body).replace('"first"', '"late"') };
    await Promise.all(Array.from({ length: 20 }, () => hangUp(toBytes(late))));
    const [answer] = await exchange(port, toBytes(late));
    expect([200, 201]).toContain(answer?.status);
    expect(JSON.parse(answer?.text ?? "")).toMatchObject({ sequence: "3", balanceMicro: "9906000" });
    await services.ledger.stop();
    const [busy] = await exchange(port, toBytes({ ...use, body: String(use?.body).replace('"first"', '"busy"') }));
    expect([busy?.status, busy?.headers["retry-after"]]).toEqual([429, "1"]);
  },
);

eachWay("busy and broken, both ways answer the same", async ({ db }, way) => {
  const { services, normal, [way]: port, models, establish } = await given(db);
  const { key } = await establish();
  const { "a use": use } = requestsOf(key, models);
  await exchange(port, toBytes(use as Sent));
  const both = async (id: string) => {
    const bytes = toBytes({ ...use, body: String(use?.body).replace('"first"', `"${id}"`) });
    const answers = [...(await exchange(normal, bytes)), ...(await exchange(port, bytes))].map(comparable);
    expect(answers[1]).toEqual(answers[0]);
    return answers[0]?.status;
  };
  const { post } = services.ledger;
  services.ledger.post = () => Promise.reject(new Error("the inside"));
  expect(await both("broken")).toBe(500);
  services.ledger.post = post;
  await services.ledger.stop();
  expect(await both("busy")).toBe(429);
});
