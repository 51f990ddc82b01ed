import type { AddressInfo } from "node:net";
import {
  addCredits,
  createOrganization,
  createServices,
  deductCredits,
  type OrganizationActor,
} from "@guildhall/api/server";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, newId, systemClock } from "@guildhall/shared";
import { serve } from "@hono/node-server";
import { pino } from "pino";
import { expect, onTestFinished } from "vitest";
import { readEnvironment } from "../env.ts";
import { plainPages } from "../testing/plain-pages.ts";
import { createApp } from "./app.ts";

const silent = { info() {}, warn() {}, error() {} };
const publicUrl = "http://localhost";

/** A portal that really listens, and an organization whose owner is signed in. */
async function given(db: Database) {
  const services = createServices({ db, clock: systemClock, publicUrl, log: silent });
  const givenPerson = async (name: string) => {
    const user = { id: newId(), name, email: `${newId()}@example.com`, isPlatformAdmin: false };
    await db.sql`INSERT INTO users (id, email, name, password_hash, created_at)
      VALUES (${user.id}, ${user.email}, ${name}, '!', now())`;
    const { token } = await services.sessions.create(user.id, { address: "192.0.2.7", userAgent: "Browser/1.0" });
    return { user, cookie: `session=${token}` };
  };
  const { user, cookie } = await givenPerson("=Ada");
  const made = await createOrganization(services, user, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  const actor: OrganizationActor = { ...user, ...made, userId: user.id, role: "owner", status: "active" };
  const app = createApp({
    ...{ environment: readEnvironment({}), allowedOrigins: [], services, pages: plainPages() },
    ...{ log: pino({ level: "silent" }), facts: () => ({}) },
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
  onTestFinished(async () => {
    await new Promise((closed) => server.close(closed));
    await services.stop();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/o/${made.slug}/wallet/transactions.csv`;
  const get = (query = "", headers: Record<string, string> = {}) =>
    fetch(url + query, { headers: { cookie, connection: "close", ...headers }, redirect: "manual" });
  return { services, actor, givenPerson, get };
}

async function rowsOf(answer: Response): Promise<string[]> {
  return (await answer.text()).split("\r\n").slice(1, -1);
}

pgTest("the wallet's history comes as CSV with exact amounts and no formulas", async ({ db }) => {
  const { services, actor, get } = await given(db);
  await addCredits(services, actor, {
    amountMicro: 1_000_500_000n,
    description: '=1+1, "now"',
    idempotencyKey: newId(),
  });
  await deductCredits(services, actor, { amountMicro: 1n, reason: "Moved", idempotencyKey: newId() });
  const answer = await get();
  expect(answer.status).toBe(200);
  const today = new Date().toISOString().slice(0, 10);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="${actor.slug}-transactions-${today}.csv"`,
    "cache-control": "no-store",
    "x-total-rows": "2",
    "x-first-sequence": "1",
    "x-last-sequence": "2",
    "x-content-type-options": "nosniff",
  });
  const [head, later, earlier, end] = (await answer.text()).split("\r\n");
  expect(head).toBe("date,kind,description,actor,amount,balance,sequence");
  expect(later).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z,adjustment,Moved,'=Ada,-0\.000001,1000\.499999,2$/);
  expect(earlier?.slice(25)).toBe(`adjustment,"'=1+1, ""now""",'=Ada,1000.5,1000.5,1`);
  expect(end).toBe("");
});

pgTest("the page's filters hold for the export; wrong ones are refused", async ({ db }) => {
  const { services, actor, get } = await given(db);
  for (const amountMicro of [1n, 2n, 3n]) await addCredits(services, actor, { amountMicro, idempotencyKey: newId() });
  const sequences = async (query: string) => (await rowsOf(await get(query))).map((row) => row.split(",").at(-1));
  expect(await sequences("?minAmountMicro=2&kinds=adjustment,usage&kinds=refund&agent=")).toEqual(["3", "2"]);
  expect(await sequences("?kinds=usage")).toEqual([]);
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString();
  const none = await get(`?from=${tomorrow}`);
  expect([none.headers.get("x-total-rows"), await none.text()]).toEqual([
    "0",
    "date,kind,description,actor,amount,balance,sequence\r\n",
  ]);
  expect((await get("?kinds=usage")).headers.get("x-total-rows")).toBeNull();
  for (const query of ["?kinds=theft", "?from=yesterday", "?minAmountMicro=1.5", "?member=me"]) {
    expect((await get(query)).status, query).toBe(422);
  }
});

pgTest("only who may read the transactions gets them; a stranger does not learn that there are any", async ({ db }) => {
  const { get, givenPerson } = await given(db);
  const stranger = await givenPerson("Eve");
  expect((await get("", { cookie: stranger.cookie })).status).toBe(404);
  expect((await get("", { cookie: "" })).status).toBe(401);
  const clicked = await get("?kinds=usage", { cookie: "", accept: "text/html,*/*" });
  expect(clicked.status).toBe(303);
  const next = new URL(clicked.headers.get("location") ?? "", "http://x").searchParams.get("next");
  expect(next).toMatch(/^\/o\/[\w-]+\/wallet\/transactions\.csv\?kinds=usage$/);
});

pgTest(
  "a long history is written as fast as it is taken, and hanging up ends the reading",
  async ({ db, superuserDb }) => {
    const { services, actor, get } = await given(db);
    await addCredits(services, actor, { amountMicro: 1_000_000_000n, idempotencyKey: newId() });
    const uses = 150_000;
    await superuserDb.sql`
    INSERT INTO ledger.postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence,
                                 counter_after_micro, kind, counter, description)
    SELECT ${actor.organizationId}, 1 + n, gen_random_uuid(), now(), -1, 1000000000 - n, n, n, 'usage', 'consumed', repeat('x', 200)
      FROM generate_series(1, ${uses}::int) AS n`;
    await superuserDb.sql`
    UPDATE ledger.books SET wallet_micro = wallet_micro - ${uses}::int, wallet_sequence = wallet_sequence + ${uses}::int,
           consumed_micro = ${uses}::int, consumed_sequence = ${uses}::int WHERE book_id = ${actor.organizationId}`;
    let pagesRead = 0;
    const { sql } = services.db;
    const begin = sql.begin.bind(sql);
    const counted = (...args: Parameters<typeof begin>) => {
      pagesRead += 1;
      return begin(...args);
    };
    Object.assign(sql, { begin: counted });

    const slow = await get();
    expect(slow.headers.get("x-total-rows")).toBe(String(uses + 1));
    const reader = slow.body?.getReader();
    await reader?.read();
    let before = -1;
    const hasStopped = () => {
      const [now, was] = [pagesRead, before];
      before = now;
      return now === was;
    };
    await expect.poll(hasStopped, { timeout: 20_000, interval: 300 }).toBe(true);
    const readByThen = pagesRead;
    await reader?.cancel();
    await new Promise((later) => setTimeout(later, 500));
    expect(pagesRead).toBeLessThan(readByThen + 6);
    expect(pagesRead).toBeLessThan((2 * uses) / 2_000);

    const rows = await rowsOf(await get());
    expect(rows).toHaveLength(uses + 1);
    expect(new Set(rows.map((row) => row.slice(row.lastIndexOf(",")))).size).toBe(uses + 1);
  },
  60_000,
);
