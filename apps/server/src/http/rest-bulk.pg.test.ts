import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { addCredits, createApiKey, createOrganization, createServices } from "@guildhall/api/server";
import { allApiKeyScopes } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { modelPrices } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { expect, onTestFinished } from "vitest";
import { createRestApi } from "./rest.ts";

const PRICE_MICRO = 47_000;

/** A portal that really listens, an organization with credits, a model and a key. */
async function given(
  db: Database,
  { credits = 1_000n, streamIdleMs }: { credits?: bigint; streamIdleMs?: number } = {},
) {
  const errors: object[] = [];
  const log = { info() {}, warn() {}, error: (facts: object) => void errors.push(facts) };
  const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log });
  const [id, email] = [newId(), `${newId()}@example.com`];
  await db.sql`INSERT INTO users (id, email, name, password_hash, created_at) VALUES (${id}, ${email}, 'Ada', '!', now())`;
  const owner = { id, email, name: "Ada", isPlatformAdmin: false };
  const establish = async () => {
    const made = await createOrganization(services, owner, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
    const actor = { ...owner, ...made, userId: id, role: "owner", status: "active" } as const;
    if (credits > 0n) await addCredits(services, actor, { amountMicro: credits * 1_000_000n, idempotencyKey: newId() });
    return { actor, ...(await createApiKey(services, actor, { name: "Bulk", scopes: allApiKeyScopes })) };
  };
  const model = `model-${newId()}`;
  const micro = { inputMicroPerMillion: 150_000n, outputMicroPerMillion: 600_000n };
  await db.drizzle.insert(modelPrices).values([
    { model, effectiveFrom: new Date(0), ...micro },
    { model: `${model}-free`, effectiveFrom: new Date(0), inputMicroPerMillion: 0n, outputMicroPerMillion: 0n },
  ]);
  const { actor, key, apiKeyId } = await establish();
  const app = new Hono().route("/api/v1", createRestApi(services, { streamIdleMs }));
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
  onTestFinished(async () => {
    await new Promise((closed) => server.close(closed));
    await services.stop();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
  const headers = { authorization: `Bearer ${key}`, connection: "close" };
  const of = (its?: string) => (its === undefined ? headers : { ...headers, authorization: `Bearer ${its}` });
  const post = (body: string, its?: string) =>
    fetch(`${url}/usage/bulk`, { method: "POST", body, headers: { ...of(its), "content-type": "application/json" } });
  const wallet = async () => (await (await fetch(`${url}/wallet`, { headers })).json()) as Record<string, string>;
  const use = (more: object = {}) => ({
    ...{ agent: "Support", model, inputTokens: 200_000, outputTokens: 28_333 },
    ...{ idempotencyKey: newId(), ...more },
  });
  const stream = (its?: string) =>
    openStream(`${url}/usage/bulk`, { ...of(its), "content-type": "application/x-ndjson" });
  /** The key of another organization. */
  const another = async () => (await establish()).key;
  return { services, actor, apiKeyId, email, model, errors, post, wallet, use, stream, another };
}

interface Result {
  line?: number;
  status: string;
  id?: string;
  sequence?: string;
  error?: { code: string; message: string; details: Record<string, string> };
}

async function resultsOf(answer: Response): Promise<Result[]> {
  expect(answer.status, answer.status === 200 ? "" : await answer.clone().text()).toBe(200);
  return ((await answer.json()) as { results: Result[] }).results;
}

/** A request whose body is written by hand, and the answer's lines as they come. */
function openStream(url: string, headers: Record<string, string>) {
  const sent: ClientRequest = request(url, { method: "POST", headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) => sent.on("response", resolve).on("error", reject));
  answered.catch(() => {});
  const lines = linesOf(answered);
  return {
    sent,
    answered,
    write: (text: string | Uint8Array) => sent.write(text),
    async next(): Promise<Result | undefined> {
      const { value, done } = await lines.next();
      return done ? undefined : JSON.parse(value);
    },
    async rest(): Promise<Result[]> {
      const results: Result[] = [];
      for await (const line of lines) results.push(JSON.parse(line));
      return results;
    },
  };
}

async function* linesOf(answered: Promise<IncomingMessage>): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of await answered) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

const toLine = (item: unknown) => `${JSON.stringify(item)}\n`;

pgTest("S2.18 each of many uses has its own answer, in order, whatever becomes of the others", async ({ db }) => {
  const { email, model, post, use, wallet } = await given(db);
  const repeated = use();
  const items = [
    use({ member: email }),
    use({ model: "gpt-9" }),
    { ...use(), inputTokens: -1 },
    repeated,
    repeated,
    { ...repeated, agent: "Sales" },
    null,
    use({ model: `${model}-free` }),
    use({ member: "eve@example.com" }),
    use({ inputTokens: 1_000_000_000, outputTokens: 1_000_000_000, idempotencyKey: "too dear" }),
    use({ inputTokens: 1_000_000_000, outputTokens: 1_000_000_000, idempotencyKey: "dearer" }),
    use(),
  ];
  const results = await resultsOf(await post(JSON.stringify({ items })));
  expect(results.map(({ status, error }) => error?.code ?? status)).toEqual([
    ...["accepted", "unknown_model", "invalid_input", "accepted", "replayed", "idempotency_conflict", "invalid_input"],
    ...["accepted", "unknown_member", "accepted", "insufficient_balance", "accepted"],
  ]);
  expect(results[0]).toMatchObject({ amountMicro: "47000", credits: "0.047", sequence: "2", replayed: false });
  expect(results[1]?.error).toMatchObject({ details: { model: "gpt-9" } });
  expect(results[2]?.error).toMatchObject({ details: { inputTokens: "Tokens cannot be negative." } });
  expect(results[7]).toMatchObject({ amountMicro: "0", sequence: null });
  expect(await wallet()).toMatchObject({ sequence: "5", balanceMicro: String(250_000_000 - 3 * PRICE_MICRO) });
});

pgTest("the same many again are all replayed with the first answers, charged once", async ({ db }) => {
  const { model, post, use, wallet } = await given(db);
  const items = Array.from({ length: 1_000 }, (_, n) => use(n % 100 === 0 ? { model: `${model}-free` } : {}));
  const body = JSON.stringify({ items });
  const first = await resultsOf(await post(body));
  expect(new Set(first.map(({ status }) => status))).toEqual(new Set(["accepted"]));
  const charged = first.filter(({ sequence }) => sequence);
  expect(charged.map(({ sequence }) => Number(sequence))).toEqual(charged.map((_, n) => n + 2));
  const [again, alsoAgain] = await Promise.all([post(body), post(body)].map(async (sent) => resultsOf(await sent)));
  const replays = first.map((result) => ({ ...result, status: "replayed", replayed: true }));
  const told = ({ balanceMicro: _, ...result }: Result & { balanceMicro?: string }) => result;
  expect(again?.map(told)).toEqual(replays.map(told));
  expect(alsoAgain?.map(told)).toEqual(replays.map(told));
  expect(await wallet()).toMatchObject({ sequence: "991", balanceMicro: String(1_000_000_000 - 990 * PRICE_MICRO) });
});

pgTest("a wallet that runs dry among many stops exactly at zero", async ({ db }) => {
  const { post, use, wallet } = await given(db, { credits: 1n });
  const items = Array.from({ length: 100 }, () => use());
  const results = await resultsOf(await post(JSON.stringify({ items })));
  const accepted = Math.floor(1_000_000 / PRICE_MICRO);
  expect(results.map(({ status }) => status)).toEqual(results.map((_, n) => (n < accepted ? "accepted" : "refused")));
  expect(await wallet()).toMatchObject({ balanceMicro: String(1_000_000 - accepted * PRICE_MICRO) });
});

pgTest("what does not hold a list of uses is refused as a whole", async ({ db }) => {
  const { post, use, wallet } = await given(db);
  const many = Array.from({ length: 1_001 }, () => use());
  const bodies = [
    "[]",
    "{}",
    "null",
    '{"items":[]}',
    '{"items":{}}',
    JSON.stringify({ items: many }),
    "{",
    '{"items":[1],"x":1}',
  ];
  for (const body of bodies) expect((await post(body)).status, body.slice(0, 40)).toBe(422);
  expect((await post(JSON.stringify({ items: ["x".repeat(1024 * 1024)] }))).status).toBe(413);
  expect(await wallet()).toMatchObject({ sequence: "1" });
});

pgTest("S3.3 more than an organization's share is 429 as a whole, and the others keep theirs", async ({ db }) => {
  const { post, use, wallet, services, another } = await given(db);
  const body = () =>
    JSON.stringify({ items: Array.from({ length: 1_000 }, () => use({ inputTokens: 1, outputTokens: 1 })) });
  const [other, third] = [await another(), await another()];
  const release = Promise.withResolvers<void>();
  const { post: really } = services.ledger;
  let heldCount = 0;
  services.ledger.post = async (...args) => {
    heldCount += 1;
    await release.promise;
    return really(...args);
  };
  const busy = [post(body()), post(body())];
  await expect.poll(() => heldCount).toBe(2_000);
  expect((await post(body())).status).toBe(429);
  busy.push(post(body(), other), post(body(), other));
  await expect.poll(() => heldCount).toBe(4_000);
  expect((await post(body(), third)).status).toBe(429);
  release.resolve();
  expect((await Promise.all(busy)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await post(body(), third)).status).toBe(200);
  expect(await wallet()).toMatchObject({ sequence: "2001" });
});

pgTest("S2.18 a stream is answered line by line while it is still sent", async ({ db }) => {
  const { use, stream, wallet } = await given(db);
  const { sent, answered, write, next, rest } = stream();
  for (let line = 1; line <= 3; line += 1) {
    write(toLine(use()));
    expect(await next()).toMatchObject({ line, status: "accepted", amountMicro: "47000" });
  }
  const { statusCode, headers } = await answered;
  expect([statusCode, headers["content-type"]]).toEqual([200, "application/x-ndjson"]);
  expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  const split = toLine(use());
  write(split.slice(0, 20));
  write(split.slice(20));
  expect(await next()).toMatchObject({ line: 4, status: "accepted" });
  sent.end(JSON.stringify(use()));
  expect(await rest()).toMatchObject([{ line: 5, status: "accepted" }]);
  expect(await wallet()).toMatchObject({ sequence: "6" });
});

pgTest("a broken line is answered as that line's error and the stream goes on", async ({ db }) => {
  const { use, stream } = await given(db);
  const { sent, write, rest } = stream();
  write(toLine(use()));
  write('{"agent": \n');
  write("\r\n \n");
  write(Buffer.from([0x22, 0xff, 0x22, 0x0a]));
  write(`${JSON.stringify(use({ agent: "x".repeat(20_000) }))}\n`);
  write("[1]\n");
  sent.end(toLine(use()));
  const results = await rest();
  expect(results.map(({ line, status, error }) => [line, error?.code ?? status])).toEqual([
    [1, "accepted"],
    [2, "invalid_input"],
    [5, "invalid_input"],
    [6, "too_large"],
    [7, "invalid_input"],
    [8, "accepted"],
  ]);
});

pgTest("a long stream is charged completely, in order", async ({ db }) => {
  const { use, stream, wallet } = await given(db);
  const { sent, rest } = stream();
  const count = 5_000;
  const all = rest();
  for (let n = 0; n < count; n += 500) sent.write(Array.from({ length: 500 }, () => toLine(use())).join(""));
  sent.end();
  const results = await all;
  expect(results.map(({ line }) => line)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
  expect(results.every(({ status }) => status === "accepted")).toBe(true);
  expect(await wallet()).toMatchObject({ sequence: String(count + 1) });
});

pgTest(
  "who does not take the answers is not read any further",
  async ({ db }) => {
    const { stream } = await given(db);
    const { sent, rest, answered } = stream();
    // Several times what the sockets between the two can hold, both ways. Broken lines are answered without the ledger.
    const [line, total] = [`${"x".repeat(400)}\n`, 100_000];
    let written = 0;
    const writing = (async () => {
      for (; written < total; written += 1_000) {
        if (!sent.write(line.repeat(1_000))) await new Promise((drained) => sent.once("drain", drained));
      }
      sent.end();
    })();
    (await answered).pause();
    let before = -1;
    const hasStopped = () => {
      const [now, was] = [written, before];
      before = now;
      return now > 0 && now === was;
    };
    await expect.poll(hasStopped, { timeout: 30_000, interval: 500 }).toBe(true);
    expect(written).toBeLessThan(total);
    expect(await rest()).toHaveLength(total);
    await writing;
  },
  60_000,
);

pgTest("a client that hangs up is not read any further, and makes room for the next", async ({ db }) => {
  const { use, stream, wallet, errors } = await given(db);
  for (let n = 0; n < 12; n += 1) {
    const { sent, write, next, answered } = stream();
    write(toLine(use()));
    // Once there are too many open ones, an earlier one has not been let go.
    await expect(next(), `stream ${n}`).resolves.toMatchObject({ status: "accepted" });
    write('{"agent":');
    (await answered).destroy();
    sent.destroy();
    await new Promise((closed) => (sent.closed ? closed(null) : sent.once("close", closed)));
    await new Promise((later) => setTimeout(later, 20));
  }
  expect(await wallet()).toMatchObject({ sequence: "13" });
  expect(errors).toEqual([]);
});

pgTest("S3.3 an organization that opens all of its streams shuts no other one out", async ({ db }) => {
  const { use, stream, another } = await given(db);
  const open = Array.from({ length: 8 }, () => stream());
  for (const { write, next } of open) {
    write(toLine(use()));
    await next();
  }
  const { sent, answered } = stream();
  sent.end(toLine(use()));
  const { statusCode, headers } = await answered;
  expect([statusCode, headers["retry-after"]]).toEqual([429, "5"]);
  (await answered).resume();
  const theirs = stream(await another());
  theirs.sent.end(toLine(use()));
  expect(await theirs.rest()).toMatchObject([{ line: 1, status: "accepted" }]);
  for (const { sent: one, rest } of open) {
    one.end();
    await rest();
  }
});

pgTest("a stream that brings no line is told why it ends, and half a line is not charged", async ({ db }) => {
  const { use, stream, wallet } = await given(db, { streamIdleMs: 300 });
  const { write, rest } = stream();
  write(toLine(use()));
  write(JSON.stringify(use()));
  expect(await rest()).toMatchObject([
    { line: 1, status: "accepted" },
    { line: null, status: "ended", reason: "idle" },
  ]);
  expect(await wallet()).toMatchObject({ sequence: "2" });
  // Its place is free again, each time.
  for (let n = 0; n < 9; n += 1) {
    const next = stream();
    next.sent.end(toLine(use()));
    expect(await next.rest()).toMatchObject([{ status: "accepted" }]);
  }
});

pgTest("a stream whose answers nobody takes is cut", async ({ db }) => {
  const { stream, errors } = await given(db, { streamIdleMs: 300 });
  const { sent, answered } = stream();
  const cut = new Promise((closed) => sent.once("close", closed));
  sent.on("error", () => {});
  const line = `${"x".repeat(400)}\n`.repeat(1_000);
  const writing = setInterval(() => sent.writableNeedDrain || sent.write(line), 1);
  (await answered).on("error", () => {}).pause();
  await cut;
  clearInterval(writing);
  expect(errors).toEqual([]);
});

pgTest("a bulk request that fails gives back the room that it took", async ({ db }) => {
  const { post, use, services } = await given(db);
  const body = () => JSON.stringify({ items: Array.from({ length: 1_000 }, () => use()) });
  const { post: really } = services.ledger;
  services.ledger.post = () => {
    throw new Error("a defect");
  };
  const { error: logged } = services.log;
  services.log.error = (facts, message) => {
    if (message === "one of many failed") throw new Error("another defect");
    logged(facts, message);
  };
  for (let n = 0; n < 3; n += 1) expect((await post(body())).status).toBe(500);
  services.ledger.post = really;
  expect((await post(body())).status).toBe(200);
});

pgTest("a key that is revoked during a stream charges nothing more", async ({ db, superuserDb }) => {
  const { apiKeyId, use, stream, wallet } = await given(db);
  const { sent, write, next, rest } = stream();
  write(toLine(use()));
  expect(await next()).toMatchObject({ status: "accepted" });
  const before = (await wallet()).sequence;
  await superuserDb.sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${apiKeyId}`;
  sent.end(toLine(use()) + toLine(use()));
  expect((await rest()).map(({ line, error }) => [line, error?.code])).toEqual([
    [2, "invalid_api_key"],
    [3, "invalid_api_key"],
  ]);
  await superuserDb.sql`UPDATE api_keys SET revoked_at = NULL WHERE id = ${apiKeyId}`;
  expect((await wallet()).sequence).toBe(before);
});
