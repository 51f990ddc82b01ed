import { addMember, createOrganization, createServices, lockOrganization } from "@guildhall/api/server";
import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { pino } from "pino";
import { expect, onTestFinished } from "vitest";
import { readEnvironment } from "../env.ts";
import { plainPages } from "../testing/plain-pages.ts";
import { createApp } from "./app.ts";

const silent = { info() {}, warn() {}, error() {} };

/** A portal, and an organization of three; the owner is signed in. */
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
  const owner = await givenPerson("Ada");
  const [formula, member] = [await givenPerson("=HYPERLINK(1)"), await givenPerson('Grace "Amazing" Hopper')];
  const made = await createOrganization(services, owner.user, { name: "Acme", idempotencyKey: newId(), isSetUp: true });
  await withOrganization(db, made.organizationId, async (tx) => {
    await lockOrganization(tx);
    await addMember(tx, services, { user: formula.user, role: "admin", actorId: owner.user.id });
    await addMember(tx, services, { user: member.user, role: "member", actorId: owner.user.id });
  });
  const app = createApp({
    ...{ environment: readEnvironment({}), allowedOrigins: [], services, pages: plainPages() },
    ...{ log: pino({ level: "silent" }), facts: () => ({}) },
  });
  const get = async (query: string, headers: Record<string, string> = {}) =>
    app.request(`http://localhost/o/${made.slug}/members.csv${query}`, {
      headers: { cookie: owner.cookie, ...headers },
    });
  return { made, owner, formula, member, givenPerson, get };
}

pgTest(
  "S2.14 S2.25 the members come as CSV in the page's order, with their seats, without formulas",
  async ({ db, ownerDb }) => {
    const { made, owner, formula, member, get } = await given(db);
    await withOrganization(
      ownerDb,
      made.organizationId,
      (tx) => tx.sql`INSERT INTO seats (organization_id, user_id, status, assigned_at, changed_at)
      VALUES (${made.organizationId}, ${member.user.id}, 'suspended', now(), now())`,
    );
    const answer = await get("");
    expect(answer.status).toBe(200);
    const today = new Date().toISOString().slice(0, 10);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${made.slug}-members-${today}.csv"`,
      "cache-control": "no-store",
      "x-total-rows": "3",
    });
    const lines = (await answer.text()).split("\r\n");
    expect(lines[0]).toBe("name,email,role,seat,joined,user_id");
    expect(lines[1]).toMatch(new RegExp(`^Ada,${owner.user.email},owner,none,\\d{4}-[^,]+Z,${owner.user.id}$`));
    expect(lines[2]?.startsWith(`'=HYPERLINK(1),${formula.user.email},admin,none,`)).toBe(true);
    expect(lines[3]?.startsWith(`"Grace ""Amazing"" Hopper",${member.user.email},member,suspended,`)).toBe(true);
    const filtered = await (await get("?role=&search=hopper&sort=name&order=desc")).text();
    expect(filtered.split("\r\n")).toHaveLength(3);
    const suspended = await get("?seat=suspended");
    expect(suspended.headers.get("x-total-rows")).toBe("1");
    expect((await suspended.text()).split("\r\n")[1]).toContain(member.user.email);
    expect((await get("?sort=age")).status).toBe(422);
    expect((await get("?seat=throne")).status).toBe(422);
  },
);

pgTest("only managers take the list away; strangers and the signed out learn nothing", async ({ db }) => {
  const { member, givenPerson, get } = await given(db);
  const stranger = await givenPerson("Eve");
  expect((await get("", { cookie: member.cookie })).status).toBe(403);
  expect((await get("", { cookie: stranger.cookie })).status).toBe(404);
  expect((await get("", { cookie: "" })).status).toBe(401);
  expect((await get("", { cookie: "", accept: "text/html" })).status).toBe(303);
});
