import { createLoginLimits, createPasswordHasher, type LoginRates, type PasswordHasher } from "@guildhall/auth";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, MINUTE_MS, newId } from "@guildhall/shared";
import { describe, expect, onTestFinished, vi } from "vitest";
import { givenServices } from "../../testing/given.ts";
import type { Services } from "../../trpc/context.ts";
import type { Caller } from "./caller.ts";
import type { SignInInput } from "./credentials-input.ts";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { signUp } from "./sign-up.ts";
import type { Entry } from "./start-session.ts";

const cheap = { memoryKib: 64, passes: 1, lanes: 1 };
const browser: Caller = { address: "192.0.2.7", userAgent: "Browser/1.0", sessionId: null };
const password = "a quiet harbour at dawn";
const newEmail = () => `${newId()}@example.com`;
const account = () => ({ name: "Ada", email: newEmail(), password });

function handClock() {
  let now = new Date("2025-03-03T08:00:00Z");
  return { now: () => now, pass: (ms: number) => (now = new Date(now.getTime() + ms)) };
}

interface Given {
  rates?: Partial<LoginRates>;
  passwords?: PasswordHasher;
}

function given(db: Database, { rates, passwords = createPasswordHasher({ cost: cheap }) }: Given = {}) {
  const clock = handClock();
  const services = givenServices(db, { clock, passwords, loginLimits: createLoginLimits({ clock, rates }) });
  onTestFinished(() => services.stop());
  return { services, clock };
}

const readHash = async ({ db }: Services, email: string): Promise<string> =>
  (await db.sql`SELECT password_hash FROM users WHERE email = ${email}`)[0]?.password_hash;

/** A person without a second factor is let in at once. */
async function letIn(services: Services, person: SignInInput, caller = browser): Promise<Entry> {
  const { entry } = await signIn(services, person, caller);
  return entry ?? expect.fail("no second factor was to be asked for");
}

describe("signing up", () => {
  pgTest("makes an account and signs its owner in", async ({ db }) => {
    const { services } = given(db);
    const { user, session } = await signUp(services, account(), browser);
    expect(await services.sessions.validate(session.token)).toMatchObject({ user, session: { id: session.id } });
  });

  pgTest("stores the password as argon2id only", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    await signUp(services, person, browser);
    expect(await readHash(services, person.email)).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    const [row] = await db.sql`SELECT to_jsonb(u)::text AS text FROM users u WHERE email = ${person.email}`;
    expect(row?.text).not.toContain(password);
  });

  pgTest("never makes a platform admin", async ({ db }) => {
    const { services } = given(db);
    const sneaky = { ...account(), isPlatformAdmin: true };
    expect((await signUp(services, sneaky, browser)).user.isPlatformAdmin).toBe(false);
    const [row] = await db.sql`SELECT is_platform_admin FROM users WHERE email = ${sneaky.email}`;
    expect(row?.is_platform_admin).toBe(false);
  });

  pgTest("refuses an address that has an account, and hashes nothing for it", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    await signUp(services, person, browser);
    const hash = vi.spyOn(services.passwords, "hash");
    await expect(signUp(services, person, browser)).rejects.toMatchObject({
      code: "email_taken",
      details: { field: "email" },
    });
    expect(hash).not.toHaveBeenCalled();
  });

  pgTest("twice at once with one address makes one account", async ({ db }) => {
    // Slow enough that all three have found the address free before the first account is made.
    const { services } = given(db, { passwords: createPasswordHasher({ cost: { ...cheap, passes: 5_000 } }) });
    const person = account();
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => signUp(services, person, browser)));
    const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
    expect(refusals).toEqual(["email_taken", "email_taken"]);
    const [row] = await db.sql`SELECT count(*)::int AS accounts FROM users WHERE email = ${person.email}`;
    expect(row?.accounts).toBe(1);
  });

  pgTest("is limited by network, and says how long to wait", async ({ db }) => {
    const { services, clock } = given(db, { rates: { signUp: { burst: 2, refillMs: MINUTE_MS } } });
    await signUp(services, account(), browser);
    await signUp(services, account(), browser);
    const third = signUp(services, account(), browser);
    await expect(third).rejects.toMatchObject({ code: "too_many_attempts", details: { retryAfterSeconds: 60 } });
    await signUp(services, account(), { ...browser, address: "192.0.2.8" });
    clock.pass(MINUTE_MS);
    await signUp(services, account(), browser);
  });
});

describe("signing in", () => {
  pgTest("lets in who knows the password", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    const { user } = await signUp(services, person, browser);
    const entry = await letIn(services, person);
    expect(entry.user).toEqual(user);
    expect(entry).not.toHaveProperty("user.passwordHash");
    expect(await services.sessions.validate(entry.session.token)).toMatchObject({ user });
  });

  pgTest("takes the same password typed on another system", async ({ db }) => {
    const { services } = given(db);
    const person = { ...account(), password: "zażółć gęślą jaźń".normalize("NFC") };
    await signUp(services, person, browser);
    await signIn(services, { ...person, password: person.password.normalize("NFD") }, browser);
  });

  pgTest("refuses a wrong password and an unknown address in the same words, after the same work", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    await signUp(services, person, browser);
    const verify = vi.spyOn(services.passwords, "verify");
    const wrong = await signIn(services, { ...person, password: "not this one" }, browser).catch((error) => error);
    const unknown = await signIn(services, { email: newEmail(), password }, browser).catch((error) => error);
    expect(wrong).toMatchObject({ code: "invalid_credentials", details: {} });
    expect({ ...unknown, message: unknown.message }).toEqual({ ...wrong, message: wrong.message });
    expect(verify.mock.calls.map(([stored]) => stored === null)).toEqual([false, true]);
  });

  pgTest("ends the session that the browser held before, and no other", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    const here = await signUp(services, person, browser);
    const elsewhere = await letIn(services, person);
    const again = await letIn(services, person, { ...browser, sessionId: here.session.id });
    expect(again.session.token).not.toBe(here.session.token);
    expect(await services.sessions.validate(here.session.token)).toBeNull();
    expect(await services.sessions.validate(elsewhere.session.token)).not.toBeNull();
    expect(await services.sessions.validate(again.session.token)).not.toBeNull();
  });

  pgTest("that fails leaves the session in use alone", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    const { session } = await signUp(services, person, browser);
    const failed = signIn(services, { ...person, password: "not this one" }, { ...browser, sessionId: session.id });
    await expect(failed).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(await services.sessions.validate(session.token)).not.toBeNull();
  });

  pgTest("hashes anew what was hashed at another cost", async ({ db }) => {
    const { services: before } = given(db);
    const { services: after } = given(db, { passwords: createPasswordHasher({ cost: { ...cheap, passes: 2 } }) });
    const person = account();
    await signUp(before, person, browser);
    await signIn(after, person, browser);
    expect(await readHash(after, person.email)).toContain("m=64,t=2,p=1");
    await signIn(after, person, browser);
  });

  pgTest("is open to nobody without a password of their own", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    await signUp(services, person, browser);
    await db.sql`UPDATE users SET password_hash = '!' WHERE email = ${person.email}`;
    for (const guess of ["!", "", password]) {
      const attempt = signIn(services, { ...person, password: guess }, browser);
      await expect(attempt).rejects.toMatchObject({ code: "invalid_credentials" });
    }
  });
});

describe("guessing", () => {
  const wrong = (email: string) => ({ email, password: "not this one" });
  const refused = { code: "too_many_attempts", details: { retryAfterSeconds: expect.any(Number) } };

  pgTest("at one account from one network ends after ten tries, before anything is hashed", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    await signUp(services, person, browser);
    for (let n = 0; n < 10; n += 1) await signIn(services, wrong(person.email), browser).catch(() => {});
    const verify = vi.spyOn(services.passwords, "verify");
    await expect(signIn(services, person, browser)).rejects.toMatchObject(refused);
    expect(verify).not.toHaveBeenCalled();
  });

  pgTest("cannot outrun the count by trying all at once", async ({ db }) => {
    const { services } = given(db, { rates: { accountFromAddress: { burst: 5, refillMs: MINUTE_MS } } });
    const verify = vi.spyOn(services.passwords, "verify");
    const email = newEmail();
    await Promise.allSettled(Array.from({ length: 50 }, () => signIn(services, wrong(email), browser)));
    expect(verify).toHaveBeenCalledTimes(5);
  });

  pgTest("does not lock the owner out who signs in from elsewhere", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    await signUp(services, person, browser);
    for (let n = 0; n < 20; n += 1) await signIn(services, wrong(person.email), browser).catch(() => {});
    await signIn(services, person, { ...browser, address: "198.51.100.1" });
  });

  pgTest("at one account from many networks ends as well", async ({ db }) => {
    const { services } = given(db, { rates: { account: { burst: 20, refillMs: MINUTE_MS } } });
    const email = newEmail();
    const from = (n: number) => ({ ...browser, address: `198.51.100.${n}` });
    for (let n = 0; n < 20; n += 1) await signIn(services, wrong(email), from(n)).catch(() => {});
    await expect(signIn(services, wrong(email), from(20))).rejects.toMatchObject(refused);
  });

  pgTest("at many accounts from one network ends, also for who signs in to an own one between", async ({ db }) => {
    const { services } = given(db, { rates: { address: { burst: 20, refillMs: MINUTE_MS } } });
    const own = account();
    await signUp(services, own, browser);
    for (let n = 0; n < 20; n += 1) {
      await signIn(services, wrong(newEmail()), browser).catch(() => {});
      if (n < 19) await signIn(services, own, browser);
    }
    await expect(signIn(services, wrong(newEmail()), browser)).rejects.toMatchObject(refused);
  });

  pgTest("is what is limited: who knows the password signs in as often as they like", async ({ db }) => {
    const { services } = given(db);
    const person = account();
    await signUp(services, person, browser);
    for (let n = 0; n < 30; n += 1) await signIn(services, person, browser);
  });

  pgTest("may go on after the time that the refusal names", async ({ db }) => {
    const { services, clock } = given(db);
    const person = account();
    await signUp(services, person, browser);
    for (let n = 0; n < 10; n += 1) await signIn(services, wrong(person.email), browser).catch(() => {});
    const refusal = await signIn(services, person, browser).catch((error) => error);
    clock.pass(refusal.details.retryAfterSeconds * 1000);
    await signIn(services, person, browser);
  });

  pgTest("is not counted when the server was too busy to compare", async ({ db }) => {
    const person = account();
    await signUp(given(db).services, person, browser);
    const passwords = createPasswordHasher({
      cost: { ...cheap, passes: 30_000 },
      queue: { maxRunning: 1, maxWaiting: 0 },
    });
    const { services } = given(db, { passwords, rates: { accountFromAddress: { burst: 2, refillMs: DAY_MS } } });
    const busy = passwords.hash("something that keeps the only place taken");
    for (let n = 0; n < 3; n += 1) {
      await expect(signIn(services, person, browser)).rejects.toMatchObject({ code: "overloaded" });
    }
    await busy;
  });
});

describe("signing out", () => {
  pgTest("makes the token worthless, and can be done twice", async ({ db }) => {
    const { services } = given(db);
    const entry = await signUp(services, account(), browser);
    await signOut(services, entry);
    expect(await services.sessions.validate(entry.session.token)).toBeNull();
    await signOut(services, entry);
    await signOut(services, null);
  });
});
