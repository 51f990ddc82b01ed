import { pgTest } from "@guildhall/db/testing";
import { MINUTE_MS } from "@guildhall/shared";
import { describe, expect, vi } from "vitest";
import type { Services } from "../../trpc/context.ts";
import {
  givenClockwork,
  givenPasskey,
  givenSignedIn,
  givenTotp,
  NEXT_CODE_MS,
  PASSWORD,
} from "../second-factor/testing/given-factor.ts";
import type { Caller } from "./caller.ts";
import { changePassword } from "./change-password.ts";
import { confirmByCode, confirmByPassword } from "./confirm-identity.ts";
import {
  askSecondStepPasskey,
  beginPasskeySignIn,
  finishByCode,
  finishByPasskey,
  readSecondStep,
} from "./finish-sign-in.ts";
import { signIn } from "./sign-in.ts";

const caller: Caller = { address: "192.0.2.7", userAgent: "Browser/1.0", sessionId: null };
const expired = { code: "sign_in_expired" };

/** The first step, for somebody who has a factor. Returns the token that the browser keeps. */
async function firstStep(services: Services, email: string): Promise<string> {
  const { pending } = await signIn(services, { email, password: PASSWORD }, caller);
  return pending?.token ?? expect.fail("a second factor was to be asked for");
}

describe("after a right password, somebody with a second factor", () => {
  pgTest("is signed in by a code, once, and not before", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    pass(NEXT_CODE_MS);
    const token = await firstStep(services, ada.user.email);
    expect(await services.sessions.validate(token)).toBeNull();
    expect(await readSecondStep(services, token)).toEqual({ totp: true, passkey: false, recoveryCodesLeft: 10 });
    await expect(finishByCode(services, { token, caller }, "000000")).rejects.toMatchObject({ code: "wrong_code" });
    const { user, session } = await finishByCode(services, { token, caller }, codeNow());
    expect(await services.sessions.validate(session.token)).toMatchObject({ user: { id: user.id } });
    pass(NEXT_CODE_MS);
    await expect(finishByCode(services, { token, caller }, codeNow())).rejects.toMatchObject(expired);
  });

  pgTest("has ten minutes, and starts over after them", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    const token = await firstStep(services, ada.user.email);
    pass(10 * MINUTE_MS);
    expect(await readSecondStep(services, token)).toBeNull();
    await expect(finishByCode(services, { token, caller }, codeNow())).rejects.toMatchObject(expired);
  });

  pgTest("is not told to who does not know the password: the answer is as for everybody", async ({ db }) => {
    const { services } = givenClockwork(db);
    const [ada, bob] = [await givenSignedIn(services), await givenSignedIn(services, "Bob")];
    await givenTotp(services, ada);
    const verify = vi.spyOn(services.passwords, "verify");
    const refusals = await Promise.all(
      [ada.user.email, bob.user.email, "nobody@example.com"].map((email) =>
        signIn(services, { email, password: "not this one" }, caller).catch(({ code, message }) => ({ code, message })),
      ),
    );
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(verify).toHaveBeenCalledTimes(3);
  });

  pgTest("cannot go on with a password that was changed meanwhile", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    pass(NEXT_CODE_MS);
    const token = await firstStep(services, ada.user.email);
    await changePassword(services, ada, { password: PASSWORD, newPassword: "another quiet harbour" });
    await expect(finishByCode(services, { token, caller }, codeNow())).rejects.toMatchObject(expired);
  });

  pgTest("two answers at once make one session", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { recoveryCodes } = await givenTotp(services, ada);
    const token = await firstStep(services, ada.user.email);
    const answers = recoveryCodes.slice(0, 3).map((code) => finishByCode(services, { token, caller }, code));
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});

describe("finishing a sign-in", () => {
  pgTest("is one change: when the session cannot be made, the person can answer again", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { recoveryCodes } = await givenTotp(services, ada);
    const token = await firstStep(services, ada.user.email);
    const [first = "", second = ""] = recoveryCodes;
    const create = () => Promise.reject(new Error("the connection was lost"));
    const failing = { ...services, sessions: { ...services.sessions, create } };
    await expect(finishByCode(failing, { token, caller }, first)).rejects.toThrow("the connection was lost");
    const { session } = await finishByCode(services, { token, caller }, second);
    expect(await services.sessions.validate(session.token)).not.toBeNull();
  });

  pgTest("while the password is changed leaves no session of the old one", async ({ db, openSecondConnection }) => {
    const { services } = givenClockwork(db);
    const elsewhere = { ...services, db: openSecondConnection() };
    for (let round = 0; round < 10; round += 1) {
      const ada = await givenSignedIn(services);
      const { recoveryCodes } = await givenTotp(services, ada);
      const token = await firstStep(services, ada.user.email);
      const input = { password: PASSWORD, newPassword: "another quiet harbour" };
      const [changed, entered] = await Promise.allSettled([
        changePassword(services, ada, input),
        finishByCode(elsewhere, { token, caller }, recoveryCodes[0] ?? ""),
      ]);
      expect(changed.status).toBe("fulfilled");
      if (entered.status === "rejected") continue;
      expect(await services.sessions.validate(entered.value.session.token)).toBeNull();
    }
  });

  pgTest("is refused to an account that has been deleted, or lost its factors, meanwhile", async ({ db }) => {
    const { services } = givenClockwork(db);
    for (const lose of ["deleted_at = now()", "second_factor_since = NULL"]) {
      const ada = await givenSignedIn(services);
      const { authenticator } = await givenPasskey(services, ada);
      const { pending, options } = await beginPasskeySignIn(services, caller);
      await db.sql.unsafe(`UPDATE users SET ${lose} WHERE id = $1`, [ada.user.id]);
      const response = authenticator.sign(options);
      const entered = finishByPasskey(services, { token: pending.token, caller }, response);
      await expect(entered).rejects.toMatchObject(expired);
    }
  });
});

describe("signing in by passkey", () => {
  pgTest("alone takes one that verified who holds it, and this browser's challenge", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { authenticator } = await givenPasskey(services, ada);
    const begin = () => beginPasskeySignIn(services, caller);
    const [one, other, third] = [await begin(), await begin(), await begin()];
    const finish = ({ pending }: typeof one, response: Parameters<typeof finishByPasskey>[2]) =>
      finishByPasskey(services, { token: pending.token, caller }, response);
    const refused = { code: "passkey_refused" };
    await expect(finish(other, authenticator.sign(one.options))).rejects.toMatchObject(refused);
    await expect(finish(third, authenticator.sign(third.options, { isVerified: false }))).rejects.toMatchObject(
      refused,
    );
    const response = authenticator.sign(one.options);
    expect((await finish(one, response)).user).toMatchObject({ id: ada.user.id });
    await expect(finish(one, response)).rejects.toMatchObject(expired);
  });

  pgTest("asks for no account by name: whoever asks learns of none", async ({ db }) => {
    const { services } = givenClockwork(db);
    const { options } = await beginPasskeySignIn(services, caller);
    expect(options.allowCredentials).toBeUndefined();
  });

  pgTest("as the second step takes only a passkey of whose password it was", async ({ db }) => {
    const { services } = givenClockwork(db);
    const [ada, bob] = [await givenSignedIn(services), await givenSignedIn(services, "Bob")];
    const [hers, his] = [await givenPasskey(services, ada), await givenPasskey(services, bob)];
    const token = await firstStep(services, ada.user.email);
    const options = await askSecondStepPasskey(services, token);
    expect(options.allowCredentials?.map(({ id }) => id)).toEqual([hers.authenticator.credentialId]);
    const stolen = finishByPasskey(services, { token, caller }, his.authenticator.sign(options));
    await expect(stolen).rejects.toMatchObject({ code: "passkey_refused" });
    const again = await askSecondStepPasskey(services, token);
    const { user } = await finishByPasskey(services, { token, caller }, hers.authenticator.sign(again));
    expect(user.id).toBe(ada.user.id);
  });

  pgTest("with a counter that has not grown is refused: the passkey was copied", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { authenticator } = await givenPasskey(services, ada);
    for (const [counter, isRight] of [
      [7, true],
      [7, false],
      [6, false],
      [8, true],
    ] as const) {
      const { pending, options } = await beginPasskeySignIn(services, caller);
      const attempt = finishByPasskey(
        services,
        { token: pending.token, caller },
        authenticator.sign(options, { counter }),
      );
      if (isRight) await attempt;
      else await expect(attempt).rejects.toMatchObject({ code: "passkey_refused" });
    }
  });
});

describe("changing the password", () => {
  pgTest("asks for the old one, gives this browser a new session, and ends all others", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const other = await services.sessions.create(ada.user.id, caller);
    const input = { password: PASSWORD, newPassword: "another quiet harbour" };
    await expect(changePassword(services, ada, { ...input, password: "wrong" })).rejects.toMatchObject({
      code: "wrong_password",
    });
    const ended: string[] = [];
    services.sessions.onEnded((id) => ended.push(id));
    const session = await changePassword(services, ada, input);
    expect(await services.sessions.validate(session.token)).toMatchObject({ user: { id: ada.user.id } });
    for (const { token } of [ada, other]) expect(await services.sessions.validate(token)).toBeNull();
    expect(ended.sort()).toEqual([ada.session.id, other.id].sort());
    const { email } = ada.user;
    await expect(signIn(services, { email, password: PASSWORD }, caller)).rejects.toMatchObject({
      code: "invalid_credentials",
    });
    expect((await signIn(services, { email, password: input.newPassword }, caller)).entry).toBeDefined();
  });

  pgTest("to one's own name is refused at its field", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services, "Adalovelace");
    const attempt = changePassword(services, ada, { password: PASSWORD, newPassword: "adalovelace1" });
    await expect(attempt).rejects.toMatchObject({ issues: [{ path: ["newPassword"] }] });
  });

  pgTest("while somebody signs in with the old one leaves no session of it", async ({ db, openSecondConnection }) => {
    const { services } = givenClockwork(db);
    const elsewhere = { ...services, db: openSecondConnection() };
    for (let round = 0; round < 10; round += 1) {
      const ada = await givenSignedIn(services);
      const input = { password: PASSWORD, newPassword: "another quiet harbour" };
      const [changed, entered] = await Promise.allSettled([
        changePassword(services, ada, input),
        signIn(elsewhere, { email: ada.user.email, password: PASSWORD }, caller),
      ]);
      expect(changed.status).toBe("fulfilled");
      if (entered.status === "rejected") continue;
      expect(await services.sessions.validate(entered.value.entry?.session.token ?? "")).toBeNull();
    }
  });
});

describe("confirming that it is you", () => {
  pgTest("by password counts for ten minutes, in this session only", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const isConfirmed = async () =>
      ((await services.sessions.confirmedUntil(ada.session.id)) ?? 0) > services.clock.now();
    pass(10 * MINUTE_MS);
    expect(await isConfirmed()).toBe(false);
    const wrong = confirmByPassword(services, ada, { password: "not this one" });
    await expect(wrong).rejects.toMatchObject({ code: "wrong_password" });
    const other = await services.sessions.create(ada.user.id, caller);
    await confirmByPassword(services, { ...ada, session: other }, { password: PASSWORD });
    expect(await isConfirmed()).toBe(false);
    await confirmByPassword(services, ada, { password: PASSWORD });
    expect(await isConfirmed()).toBe(true);
  });

  pgTest("takes a second factor where there is one: the password alone cannot strip it", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow, recoveryCodes } = await givenTotp(services, ada);
    const confirmedUntil = async () => (await services.sessions.confirmedUntil(ada.session.id)) ?? new Date(0);
    pass(10 * MINUTE_MS);
    const byPassword = confirmByPassword(services, ada, { password: PASSWORD });
    await expect(byPassword).rejects.toMatchObject({ code: "forbidden" });
    expect(await confirmedUntil()).toEqual(services.clock.now());
    for (const code of [codeNow(), recoveryCodes[0] ?? ""]) {
      await confirmByCode(services, ada, { code });
      expect((await confirmedUntil()) > services.clock.now()).toBe(true);
      pass(10 * MINUTE_MS);
    }
  });
});
