import { createHash } from "node:crypto";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, MINUTE_MS, newId } from "@guildhall/shared";
import { describe, expect } from "vitest";
import { createSessions } from "./sessions.ts";

const client = { address: "192.0.2.7", userAgent: "Browser/1.0" };
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function handClock() {
  let now = new Date("2025-03-03T08:00:00Z");
  return { now: () => now, pass: (ms: number) => (now = new Date(now.getTime() + ms)) };
}

async function givenSessions(db: Database) {
  const clock = handClock();
  const user = { id: newId(), name: "Ada", email: `${newId()}@example.test`, isPlatformAdmin: false };
  await db.sql`INSERT INTO users (id, email, name, password_hash, created_at)
    VALUES (${user.id}, ${user.email}, ${user.name}, 'none', ${clock.now()})`;
  return { clock, user, sessions: createSessions({ db, clock }) };
}

/** Counts the statements that reach the server. */
function counting(db: Database): { db: Database; count: () => number } {
  let count = 0;
  const sql = new Proxy(db.sql, {
    apply(target, self, args) {
      count += 1;
      return Reflect.apply(target, self, args);
    },
  });
  return { db: { ...db, sql }, count: () => count };
}

describe("a session", () => {
  pgTest("belongs to the person who holds the token", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const { token, id, expiresAt } = await sessions.create(user.id, client);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await sessions.validate(token)).toEqual({ session: { id, expiresAt }, user });
  });

  pgTest("is stored by the token's SHA-256; the token itself is nowhere in the database", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    const [row] = await db.sql`SELECT to_jsonb(s)::text AS text, s.id FROM sessions s WHERE user_id = ${user.id}`;
    expect(row?.id).toBe(sha256(token));
    expect(row?.text).not.toContain(token);
    expect(row?.text).toContain(client.address);
  });

  pgTest("cannot be entered with what the table holds", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const { id } = await sessions.create(user.id, client);
    expect(await sessions.validate(id)).toBeNull();
  });

  pgTest("is not even looked for when the token has not the form of one", async ({ db }) => {
    const { clock } = await givenSessions(db);
    const counted = counting(db);
    const sessions = createSessions({ db: counted.db, clock });
    for (const token of ["", "x", "é".repeat(43), "a".repeat(44), `${"a".repeat(42)}=`, "%".repeat(43)]) {
      expect(await sessions.validate(token)).toBeNull();
    }
    expect(counted.count()).toBe(0);
  });

  pgTest("is validated with one query", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    const counted = counting(db);
    const watched = createSessions({ db: counted.db, clock });
    expect(await watched.validate(token)).not.toBeNull();
    expect(counted.count()).toBe(1);
  });
});

describe("expiry", () => {
  pgTest("comes after 30 days without use", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    clock.pass(30 * DAY_MS);
    expect(await sessions.validate(token)).toBeNull();
  });

  pgTest("moves when a session is used with less than half of its idle time left, not before", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token, expiresAt } = await sessions.create(user.id, client);
    clock.pass(15 * DAY_MS - MINUTE_MS);
    expect(await sessions.validate(token)).toMatchObject({ session: { expiresAt } });
    clock.pass(MINUTE_MS);
    const prolonged = { session: { expiresAt: new Date(clock.now().getTime() + 30 * DAY_MS) } };
    expect(await sessions.validate(token)).toMatchObject(prolonged);
    clock.pass(MINUTE_MS);
    expect(await sessions.validate(token)).toMatchObject(prolonged);
    clock.pass(29 * DAY_MS);
    expect(await sessions.validate(token)).not.toBeNull();
    clock.pass(29 * DAY_MS);
    expect(await sessions.validate(token)).not.toBeNull();
  });

  pgTest("comes 90 days after sign-in, however much the session is used", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    const absoluteEnd = new Date(clock.now().getTime() + 90 * DAY_MS);
    for (let day = 0; day < 77; day += 11) {
      clock.pass(11 * DAY_MS);
      expect(await sessions.validate(token)).not.toBeNull();
    }
    expect(await sessions.validate(token)).toMatchObject({ session: { expiresAt: absoluteEnd } });
    clock.pass(13 * DAY_MS - 1);
    expect(await sessions.validate(token)).not.toBeNull();
    clock.pass(1);
    expect(await sessions.validate(token)).toBeNull();
  });

  pgTest("comes after 90 days even if the row allowed more idle time", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token, id } = await sessions.create(user.id, client);
    clock.pass(90 * DAY_MS);
    await db.sql`UPDATE sessions SET expires_at = ${new Date(clock.now().getTime() + DAY_MS)} WHERE id = ${id}`;
    expect(await sessions.validate(token)).toBeNull();
  });

  pgTest("is not written over and over once it stands at the absolute end", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    for (let day = 0; day < 88; day += 8) {
      clock.pass(8 * DAY_MS);
      await sessions.validate(token);
    }
    const counted = counting(db);
    expect(await createSessions({ db: counted.db, clock }).validate(token)).not.toBeNull();
    expect(counted.count()).toBe(1);
  });

  pgTest("removes only what has expired", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const old = await sessions.create(user.id, client);
    clock.pass(20 * DAY_MS);
    const young = await sessions.create(user.id, client);
    clock.pass(10 * DAY_MS);
    await sessions.deleteExpired();
    const left = await db.sql`SELECT id FROM sessions WHERE user_id = ${user.id}`;
    expect(left.map((row) => row.id)).toEqual([young.id]);
    expect(await sessions.validate(old.token)).toBeNull();
  });
});

describe("use", () => {
  pgTest("is noted to five minutes, so that reading does not write", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token, id } = await sessions.create(user.id, client);
    const readUse = async () => (await db.sql`SELECT last_used_at FROM sessions WHERE id = ${id}`)[0]?.last_used_at;
    const signedInAt = clock.now();
    clock.pass(4 * MINUTE_MS);
    await sessions.validate(token);
    expect(await readUse()).toEqual(signedInAt);
    clock.pass(MINUTE_MS);
    await sessions.validate(token);
    expect(await readUse()).toEqual(clock.now());
  });

  pgTest("keeps no more of a browser's name than fits a line", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const { id } = await sessions.create(user.id, { address: "", userAgent: "x".repeat(10_000) });
    const [row] = await db.sql`SELECT address, length(user_agent) AS length FROM sessions WHERE id = ${id}`;
    expect(row).toEqual({ address: null, length: 256 });
  });
});

describe("ending", () => {
  pgTest("a session makes its token worthless, on every connection", async ({ db, openSecondConnection }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const elsewhere = createSessions({ db: openSecondConnection(), clock });
    const { token } = await sessions.create(user.id, client);
    expect(await elsewhere.validate(token)).not.toBeNull();
    await sessions.end(token);
    expect(await elsewhere.validate(token)).toBeNull();
  });

  pgTest("by id works as by token, and leaves other devices signed in", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const [one, two] = [await sessions.create(user.id, client), await sessions.create(user.id, client)];
    await sessions.end(one.id);
    expect(await sessions.validate(one.token)).toBeNull();
    expect(await sessions.validate(two.token)).not.toBeNull();
  });

  pgTest("is not undone by a renewal that was under way", async ({ db }) => {
    const { sessions, user, clock } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    clock.pass(20 * DAY_MS);
    await Promise.all([sessions.validate(token), sessions.end(token), sessions.validate(token)]);
    expect(await sessions.validate(token)).toBeNull();
  });

  pgTest("all sessions of a person can spare the one in use, and touches nobody else's", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const other = await givenSessions(db);
    const [here, there] = [await sessions.create(user.id, client), await sessions.create(user.id, client)];
    const foreign = await other.sessions.create(other.user.id, client);
    await sessions.endAll(user.id, here.id);
    expect(await sessions.validate(here.token)).not.toBeNull();
    expect(await sessions.validate(there.token)).toBeNull();
    expect(await other.sessions.validate(foreign.token)).not.toBeNull();
  });

  pgTest("tells who listens, after the session is gone, until they stop listening", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const ended: string[] = [];
    const stop = sessions.onEnded((id) => ended.push(id));
    const all = [await sessions.create(user.id, client), await sessions.create(user.id, client)] as const;
    const third = await sessions.create(user.id, client);
    await sessions.end(all[0].token);
    await sessions.endAll(user.id, third.id);
    stop();
    await sessions.end(third.token);
    expect(ended).toEqual([all[0].id, all[1].id]);
  });

  pgTest("a person's account ends their sessions", async ({ db, ownerDb }) => {
    const { sessions, user } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    await ownerDb.sql`DELETE FROM users WHERE id = ${user.id}`;
    expect(await sessions.validate(token)).toBeNull();
  });

  pgTest("a deleted account lets nobody in, whatever sessions it still has", async ({ db }) => {
    const { sessions, user } = await givenSessions(db);
    const { token } = await sessions.create(user.id, client);
    await db.sql`UPDATE users SET deleted_at = now() WHERE id = ${user.id}`;
    expect(await sessions.validate(token)).toBeNull();
  });
});
