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
import { pino } from "pino";
import { expect, onTestFinished } from "vitest";
import { readEnvironment } from "../env.ts";
import { plainPages } from "../testing/plain-pages.ts";
import { createApp } from "./app.ts";

const silent = { info() {}, warn() {}, error() {} };
const COLUMNS =
  "date,actor,actor_id,action,subject_kind,subject,subject_id,before,after,address,user_agent,request_id,hash,sequence";

/** A portal, and an organization with three entries whose owner is signed in. */
async function given(db: Database) {
  const services = createServices({ db, clock: systemClock, publicUrl: "http://localhost", log: silent });
  onTestFinished(() => services.stop());
  const givenPerson = async (name: string) => {
    const user = { id: newId(), name, email: `${newId()}@example.com`, isPlatformAdmin: false };
    await db.sql`INSERT INTO users (id, email, name, password_hash, created_at)
      VALUES (${user.id}, ${user.email}, ${name}, '!', now())`;
    const { token } = await services.sessions.create(user.id, { address: "192.0.2.7", userAgent: "Browser/1.0" });
    return { user, cookie: `session=${token}` };
  };
  const { user, cookie } = await givenPerson("=Ada");
  const made = await createOrganization(services, user, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  const origin = { address: "203.0.113.7", userAgent: 'Say "hi"', requestId: "r-1" };
  const actor: OrganizationActor = { ...user, ...made, userId: user.id, role: "owner", status: "active", origin };
  await addCredits(services, actor, { amountMicro: 5n, description: "Start", idempotencyKey: newId() });
  await deductCredits(services, actor, { amountMicro: 1n, reason: "=1+1", idempotencyKey: newId() });
  const app = createApp({
    ...{ environment: readEnvironment({}), allowedOrigins: [], services, pages: plainPages() },
    ...{ log: pino({ level: "silent" }), facts: () => ({}) },
  });
  const get = async (path: string, headers: Record<string, string> = {}) =>
    app.request(`http://localhost/o/${made.slug}/audit/${path}`, { headers: { cookie, ...headers } });
  return { services, actor, givenPerson, get };
}

pgTest("the audit log comes as CSV, newest first, without formulas, the sequence last", async ({ db }) => {
  const { actor, get } = await given(db);
  const answer = await get("audit.csv");
  expect(answer.status).toBe(200);
  const today = new Date().toISOString().slice(0, 10);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="${actor.slug}-audit-${today}.csv"`,
    "cache-control": "no-store",
    "x-first-sequence": "1",
  });
  const [head, latest, ...rest] = (await answer.text()).split("\r\n").slice(0, -1);
  expect(head).toBe(COLUMNS);
  expect(latest).toContain(`,'=Ada,${actor.userId},credits.deducted,wallet,'=1+1,${actor.organizationId},`);
  expect(latest).toContain(`,"{""balanceMicro"":""5""}",`);
  expect(latest).toMatch(/,203\.0\.113\.7,"Say ""hi""",r-1,[0-9a-f]{64},\d+$/);
  const last = Number(answer.headers.get("x-last-sequence"));
  const sequences = [latest, ...rest].map((row) => Number(row?.split(",").at(-1)));
  expect(sequences).toEqual(Array.from({ length: last }, (_, n) => last - n));
});

pgTest("the audit log comes as one JSON array, whole even when nothing matches", async ({ db }) => {
  const { actor, get } = await given(db);
  const answer = await get("audit.json?kind=credits");
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(await answer.json()).toMatchObject([
    { action: "credits.deducted", actor: { userId: actor.userId, name: "=Ada" }, after: { amountMicro: "-1" } },
    { action: "credits.added", subject: { label: "Start" }, address: "203.0.113.7" },
  ]);
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString();
  expect(await (await get(`audit.json?from=${tomorrow}`)).json()).toEqual([]);
  expect(await (await get(`audit.csv?from=${tomorrow}`)).text()).toBe(`${COLUMNS}\r\n`);
});

pgTest("filters that cannot be read are refused, and only who may takes the log along", async ({ db }) => {
  const { actor, get, givenPerson } = await given(db);
  for (const query of ["kind=UPPER", "from=yesterday", "actor=me"]) {
    expect((await get(`audit.csv?${query}`)).status, query).toBe(422);
  }
  const { user, cookie } = await givenPerson("Eve");
  expect((await get("audit.csv", { cookie })).status).toBe(404);
  expect((await get("audit.csv", { cookie: "" })).status).toBe(401);
  const clicked = await get("audit.json?kind=member", { cookie: "", accept: "text/html" });
  expect(clicked.headers.get("location")).toContain(encodeURIComponent("/audit/audit.json?kind=member"));
  await db.sql.begin(async (tx) => {
    await tx`SELECT set_config('app.organization_id', ${actor.organizationId}, true)`;
    await tx`INSERT INTO members (organization_id, user_id, role, created_at)
      VALUES (${actor.organizationId}, ${user.id}, 'billing_admin', now())`;
  });
  expect((await get("audit.csv", { cookie })).status).toBe(403);
});
