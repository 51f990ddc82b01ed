import { createSessions } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, newId } from "@guildhall/shared";
import { Hono } from "hono";
import { describe, expect } from "vitest";
import { readSessionToken, sessionCookieKind, sessionOf } from "./session.ts";
import type { HttpVariables } from "./variables.ts";

const https = "https://portal.example.com";
const http = "http://localhost:3000";

async function given(db: Database, publicUrl = https) {
  let now = new Date("2025-03-03T08:00:00Z");
  const clock = { now: () => now };
  const sessions = createSessions({ db, clock });
  const userId = newId();
  await db.sql`INSERT INTO users (id, email, name, password_hash, created_at)
    VALUES (${userId}, ${`${userId}@example.com`}, 'Ada', '!', ${now})`;
  const signIn = () => sessions.create(userId, { address: "192.0.2.7", userAgent: "Browser/1.0" });
  const app = new Hono<{ Variables: HttpVariables }>()
    .use(sessionOf({ sessions, publicUrl }))
    .post("/enter", async (c) => {
      const { token, absoluteExpiresAt } = await signIn();
      c.get("cookie").set(token, absoluteExpiresAt);
      // As Remix and tRPC answer: with a Response of their own, which knows nothing of our cookie.
      return Response.json((await c.get("readSession")())?.user.id ?? null, {
        headers: { "set-cookie": "theme=dark" },
      });
    })
    .post("/leave", async (c) => {
      c.get("cookie").clear();
      return Response.json((await c.get("readSession")())?.user.id ?? null);
    })
    .post("/leave-frozen", (c) => {
      c.get("cookie").clear();
      return Response.redirect(https, 303);
    })
    .get("*", async (c) => c.json(c.get("signedIn")?.user.id ?? null));
  const pass = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  return { app, sessions, userId, signIn, pass };
}

const cookie = (value: string) => ({ headers: { cookie: value } });

describe("the session cookie", () => {
  pgTest("on https is bound to the host, out of scripts' reach and sent over TLS only", async ({ db }) => {
    const { app } = await given(db);
    const answer = await app.request("/enter", { method: "POST" });
    const [theme, session] = answer.headers.getSetCookie();
    expect(theme).toBe("theme=dark");
    expect(session).toMatch(
      /^__Host-session=[\w-]{43}; Path=\/; Expires=Sun, 01 Jun 2025 08:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(session).not.toContain("Domain");
  });

  pgTest("on plain http at home has the plain name, since browsers refuse the bound one there", async ({ db }) => {
    const { app } = await given(db, http);
    const answer = await app.request("/enter", { method: "POST" });
    const session = answer.headers.getSetCookie().at(-1);
    expect(session).toMatch(/^session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
  });

  pgTest("tells who is signed in", async ({ db }) => {
    const { app, userId, signIn } = await given(db);
    const { token } = await signIn();
    const answer = await app.request("/o/acme", cookie(`theme=dark; __Host-session=${token}; x=1`));
    expect(await answer.json()).toBe(userId);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  pgTest("is believed under its own name only: a neighbour host could set the plain one", async ({ db }) => {
    const { app, signIn } = await given(db);
    const { token } = await signIn();
    for (const name of ["session", "__Secure-session", "__host-session", "auth_session", "%5F_Host-session"]) {
      expect(await (await app.request("/o/acme", cookie(`${name}=${token}`))).json()).toBeNull();
    }
  });

  pgTest.for([
    "__Host-session=%",
    "__Host-session=%E0%A4%A",
    "%=%; __Host-session=x",
    "__Host-session",
    "=;=;;;",
    `__Host-session=${"a".repeat(10_000)}`,
  ])("that is broken means nobody, and nothing breaks: %s", async (broken, { db }) => {
    const { app } = await given(db);
    const answer = await app.request("/o/acme", cookie(broken));
    expect([answer.status, await answer.json()]).toEqual([200, null]);
    expect(readSessionToken(broken, sessionCookieKind(https)) ?? "").not.toMatch(/^[\w-]{43}$/);
  });

  pgTest(
    "that is unknown or ended is left alone: a sign-in in another tab may just have replaced it",
    async ({ db }) => {
      const { app, sessions, signIn } = await given(db);
      const { token } = await signIn();
      await sessions.end(token);
      const answer = await app.request("/o/acme", cookie(`__Host-session=${token}`));
      expect(await answer.json()).toBeNull();
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );

  pgTest("gives no authority where keys do", async ({ db }) => {
    const { app, signIn } = await given(db);
    const { token } = await signIn();
    expect(await (await app.request("/api/v1/usage", cookie(`__Host-session=${token}`))).json()).toBeNull();
  });
});

describe("within a request", () => {
  pgTest("a sign-in counts at once", async ({ db }) => {
    const { app, userId } = await given(db);
    expect(await (await app.request("/enter", { method: "POST" })).json()).toBe(userId);
  });

  pgTest("a sign-out counts at once, and deletes the cookie", async ({ db }) => {
    const { app, signIn } = await given(db);
    const { token } = await signIn();
    const answer = await app.request("/leave", { method: "POST", ...cookie(`__Host-session=${token}`) });
    expect(await answer.json()).toBeNull();
    expect(answer.headers.getSetCookie()).toEqual([
      "__Host-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
    ]);
  });
});

describe("a session that is used on and on", () => {
  pgTest("keeps its cookie to its absolute end without ever being sent a new one", async ({ db }) => {
    const { app, userId, signIn, pass } = await given(db);
    const { token, absoluteExpiresAt } = await signIn();
    for (let day = 0; day < 80; day += 20) {
      pass(20 * DAY_MS);
      const answer = await app.request("/o/acme", cookie(`__Host-session=${token}`));
      expect(await answer.json()).toBe(userId);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(absoluteExpiresAt).toEqual(new Date("2025-06-01T08:00:00Z"));
  });
});

pgTest("the cookie gets through on answers that are frozen", async ({ db }) => {
  const { app, signIn } = await given(db);
  const { token } = await signIn();
  const answer = await app.request("/leave-frozen", { method: "POST", ...cookie(`__Host-session=${token}`) });
  expect([answer.status, answer.headers.getSetCookie().length]).toEqual([303, 1]);
});
