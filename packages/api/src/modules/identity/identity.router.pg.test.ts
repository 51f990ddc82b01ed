import { createPasswordHasher } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, newId } from "@guildhall/shared";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { expect, onTestFinished } from "vitest";
import { givenServices } from "../../testing/given.ts";
import type { Context, SignedIn } from "../../trpc/context.ts";
import { router } from "../../trpc/init.ts";
import { identityRouter } from "./identity.router.ts";

const passwords = createPasswordHasher({ cost: { memoryKib: 64, passes: 1, lanes: 1 } });
const password = "a quiet harbour at dawn";

/** One browser: keeps its cookie and calls over HTTP, as the wire has it. */
function givenBrowser(db: Database, transport: Context["transport"] = "http") {
  const services = givenServices(db, { passwords });
  onTestFinished(() => services.stop());
  const jar: { token?: string; expiresAt?: Date } = {};
  const readSession = async (): Promise<SignedIn | null> => (jar.token ? services.sessions.validate(jar.token) : null);
  const context: Context = {
    services,
    readSession,
    cookie: {
      set: (token, expiresAt) => Object.assign(jar, { token, expiresAt }),
      clear: () => delete jar.token,
    },
    signInCookie: { read: () => undefined, set() {}, clear() {} },
    transport,
    requestId: "request-1",
    address: "192.0.2.7",
    userAgent: "Browser/1.0",
  };
  const send = async (procedure: string, init: RequestInit) => {
    const answer = await fetchRequestHandler({
      endpoint: "/trpc",
      req: new Request(`http://localhost/trpc/identity.${procedure}`, init),
      router: router({ identity: identityRouter }),
      createContext: () => context,
    });
    return { status: answer.status, body: await answer.json() };
  };
  const call = (procedure: string, input: unknown = {}) =>
    send(procedure, { method: "POST", body: JSON.stringify(input), headers: { "content-type": "application/json" } });
  return { services, jar, call, me: async () => (await send("me", { method: "GET" })).body.result.data };
}

const account = () => ({ name: "Ada", email: `${newId()}@example.com`, password });

pgTest("a person signs up, is known, signs out, is nobody, and signs in again", async ({ db }) => {
  const { call, me, jar } = givenBrowser(db);
  const person = account();
  expect(await me()).toBeNull();
  const { body } = await call("signUp", person);
  const user = { id: expect.any(String), name: "Ada", email: person.email, isPlatformAdmin: false };
  expect(body.result.data).toEqual({ user });
  expect(await me()).toEqual({ user });
  await call("signOut");
  expect([await me(), jar.token]).toEqual([null, undefined]);
  await call("signIn", { email: ` ${person.email.toUpperCase()} `, password });
  expect(await me()).toEqual({ user });
});

pgTest("signing out ends the session itself, not only this browser's cookie", async ({ db }) => {
  const { call, jar, services } = givenBrowser(db);
  await call("signUp", account());
  const stolen = jar.token ?? "";
  expect(await services.sessions.validate(stolen)).not.toBeNull();
  await call("signOut");
  expect(await services.sessions.validate(stolen)).toBeNull();
});

pgTest("signing in over a browser's session replaces it", async ({ db }) => {
  const { call, jar, services } = givenBrowser(db);
  const person = account();
  await call("signUp", person);
  const before = jar.token ?? "";
  await call("signIn", person);
  expect(jar.token).not.toBe(before);
  expect(await services.sessions.validate(before)).toBeNull();
});

pgTest("the cookie lives as long as the session can", async ({ db }) => {
  const { call, jar, services } = givenBrowser(db);
  await call("signUp", account());
  const livesMs = (jar.expiresAt?.getTime() ?? 0) - services.clock.now().getTime();
  expect(livesMs / DAY_MS).toBeCloseTo(90, 2);
});

pgTest("no answer carries a token or a hash", async ({ db }) => {
  const { call, jar } = givenBrowser(db);
  const person = account();
  const answers = [await call("signUp", person), await call("signIn", person), await call("signUp", person)];
  const text = JSON.stringify(answers);
  expect(text).not.toContain(jar.token);
  expect(text).not.toContain("argon2");
  expect(text).not.toContain(password);
});

pgTest("what is wrong with a form is said at each field", async ({ db }) => {
  const { call, jar } = givenBrowser(db);
  const { status, body } = await call("signUp", { name: "  ", email: "ada@", password: "short" });
  expect(status).toBe(400);
  expect(body.error.data).toMatchObject({
    domainCode: "invalid_input",
    fieldErrors: {
      name: "Enter your name.",
      email: "Enter an e-mail address, like ada@example.com.",
      password: "Use at least 8 characters.",
    },
  });
  expect(jar.token).toBeUndefined();
});

pgTest.for([
  ["seven77", "Use at least 8 characters."],
  ["", "Choose a password."],
  ["password123", "This password is among the first to be guessed. Choose another one."],
  ["aaaaaaaaaa", "This password repeats too few characters. Choose another one."],
  ["ada lovelace", "This password is your name or your e-mail address. Choose another one."],
  ["x".repeat(201), "The password can have at most 200 characters."],
])("a password that would be guessed is refused with the reason: %s", async ([chosen, message], { db }) => {
  const { call } = givenBrowser(db);
  const { body } = await call("signUp", { ...account(), name: "Ada Lovelace", password: chosen });
  expect(body.error.data.fieldErrors).toEqual({ password: message });
});

pgTest("a name keeps its script and loses what is not seen", async ({ db }) => {
  const { call } = givenBrowser(db);
  const named = async (name: string) => (await call("signUp", { ...account(), name })).body;
  expect((await named("  Zoë   Ødegård ")).result.data.user.name).toBe("Zoë Ødegård");
  expect((await named("渡辺 真理子")).result.data.user.name).toBe("渡辺 真理子");
  for (const name of ["Ada\u202Egpj.exe", "Ada\u0000", "x".repeat(101)]) {
    expect((await named(name)).error.data.fieldErrors.name).toEqual(expect.any(String));
  }
});

pgTest("signing in says neither which part was wrong nor what a password must be like", async ({ db }) => {
  const { call } = givenBrowser(db);
  const person = account();
  await call("signUp", person);
  const wrong = await call("signIn", { ...person, password: "x" });
  const unknown = await call("signIn", { email: account().email, password: "x" });
  expect(wrong.status).toBe(401);
  expect(wrong.body.error.data).toMatchObject({ domainCode: "invalid_credentials", details: {}, fieldErrors: {} });
  expect(unknown).toEqual(wrong);
});

pgTest("a taken address is said at its field's refusal", async ({ db }) => {
  const { call } = givenBrowser(db);
  const person = account();
  await call("signUp", person);
  const { status, body } = await call("signUp", { ...person, email: person.email.toUpperCase() });
  expect(status).toBe(409);
  expect(body.error.data).toMatchObject({ domainCode: "email_taken", details: { field: "email" } });
});

pgTest("over a WebSocket nobody signs in, and no session is left behind", async ({ db }) => {
  const { call: sendOverHttp } = givenBrowser(db);
  const { call } = givenBrowser(db, "websocket");
  const person = account();
  await sendOverHttp("signUp", person);
  for (const procedure of ["signUp", "signIn", "signOut"]) {
    expect((await call(procedure, { ...person, name: "Ada" })).status).toBe(403);
  }
  const [row] = await db.sql`
    SELECT count(*)::int AS sessions FROM sessions JOIN users ON users.id = user_id WHERE email = ${person.email}`;
  expect(row?.sessions).toBe(1);
});
