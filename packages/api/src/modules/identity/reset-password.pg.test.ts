import { pgTest } from "@guildhall/db/testing";
import { HOUR_MS, MINUTE_MS } from "@guildhall/shared";
import { expect } from "vitest";
import { beginTotp } from "../second-factor/begin-totp.ts";
import { proveByCode, readFactorMethods } from "../second-factor/index.ts";
import {
  givenClockwork,
  givenPasskey,
  givenSignedIn,
  givenTotp,
  hasSecondFactor,
} from "../second-factor/testing/given-factor.ts";
import { beginPasskeySignIn, finishByPasskey } from "./finish-sign-in.ts";
import { requestPasswordReset } from "./request-password-reset.ts";
import { readPasswordReset, resetPassword } from "./reset-password.ts";
import { signIn } from "./sign-in.ts";
import {
  freshAddress,
  givenPerson,
  givenPortal,
  mailedToken,
  mailsTo,
  OLD_PASSWORD,
  origin,
  readPerson,
} from "./testing/given-person.ts";

const password = "another harbour at dusk";
const caller = { address: "192.0.2.7", userAgent: "Browser/1.0", sessionId: null };
const gone = { code: "link_gone" };

pgTest("a mailed link sets a new password once, ends every session and tells the owner", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  const { id, token: cookie } = await services.sessions.create(person.id, caller);
  const ended: string[] = [];
  services.sessions.onEnded((sessionId) => ended.push(sessionId));
  await requestPasswordReset(services, { email: person.email }, origin);
  const token = await mailedToken(db, person.email, "reset_password");
  expect(await readPasswordReset(services, { token })).toEqual({ email: person.email });
  expect(await resetPassword(services, { token, password }, origin)).toEqual({ email: person.email });
  expect(await services.sessions.validate(cookie)).toBeNull();
  expect(ended).toEqual([id]);
  await expect(signIn(services, { email: person.email, password: OLD_PASSWORD }, caller)).rejects.toThrow();
  expect(await signIn(services, { email: person.email, password }, caller)).toMatchObject({
    entry: { user: { id: person.id } },
  });
  expect(await readPerson(services, person.id)).toMatchObject({ emailVerifiedAt: expect.any(Date) });
  const [notice] = await mailsTo(db, person.email, "password_changed");
  expect(notice?.text).toContain("192.0.2.7");
  await expect(resetPassword(services, { token, password }, origin)).rejects.toMatchObject(gone);
});

pgTest("reading the page with the link uses up nothing, however often it is read", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  await requestPasswordReset(services, { email: person.email }, origin);
  const token = await mailedToken(db, person.email, "reset_password");
  for (let n = 0; n < 3; n += 1) await readPasswordReset(services, { token });
  await expect(resetPassword(services, { token, password }, origin)).resolves.toBeDefined();
});

pgTest("two who follow one link at once set one password", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  await requestPasswordReset(services, { email: person.email }, origin);
  const token = await mailedToken(db, person.email, "reset_password");
  const chosen = [password, "a third harbour at noon"];
  const outcomes = await Promise.allSettled(
    chosen.map((each) => resetPassword(services, { token, password: each }, origin)),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await mailsTo(db, person.email, "password_changed")).toHaveLength(1);
});

pgTest("a link dies after an hour, with the next password, and with the address it was sent to", async ({ db }) => {
  const { services, pass } = givenPortal(db);
  const person = await givenPerson(services);
  const ask = async () => {
    await requestPasswordReset(services, { email: person.email }, origin);
    return mailedToken(db, person.email, "reset_password");
  };
  const late = await ask();
  pass(HOUR_MS);
  await expect(resetPassword(services, { token: late, password }, origin)).rejects.toMatchObject(gone);
  const older = await ask();
  pass(MINUTE_MS);
  const newer = await ask();
  await resetPassword(services, { token: newer, password }, origin);
  await expect(readPasswordReset(services, { token: older })).rejects.toMatchObject(gone);
  pass(HOUR_MS);
  const moved = await ask();
  await db.sql`UPDATE users SET email = ${freshAddress()} WHERE id = ${person.id}`;
  await expect(resetPassword(services, { token: moved, password }, origin)).rejects.toMatchObject(gone);
});

pgTest("a guessable password is refused at its field, and the link stays good", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  await requestPasswordReset(services, { email: person.email }, origin);
  const token = await mailedToken(db, person.email, "reset_password");
  const own = person.email.split("@")[0] ?? "";
  await expect(resetPassword(services, { token, password: own }, origin)).rejects.toMatchObject({
    code: "invalid_input",
    details: { field: "password" },
  });
  await expect(resetPassword(services, { token, password }, origin)).resolves.toBeDefined();
});

pgTest("an unknown address gets the same answer as a known one, and no mail", async ({ db }) => {
  const { services } = givenPortal(db);
  const [person, stranger] = [await givenPerson(services), freshAddress()];
  const answers = await Promise.all(
    [person.email, stranger].map((email) => requestPasswordReset(services, { email }, origin)),
  );
  expect(answers).toEqual([undefined, undefined]);
  expect(await mailsTo(db, person.email, "reset_password")).toHaveLength(1);
  expect(await mailsTo(db, stranger, "reset_password")).toEqual([]);
});

pgTest("asking again and again is refused for known and unknown alike, and fills no mailbox", async ({ db }) => {
  const { services } = givenPortal(db);
  const [person, stranger] = [await givenPerson(services), freshAddress()];
  const askOften = async (email: string) => {
    const asked = await Promise.allSettled(
      Array.from({ length: 7 }, () => requestPasswordReset(services, { email }, origin)),
    );
    return asked.map((each) => (each.status === "rejected" ? each.reason.message : "sent"));
  };
  const [known, unknown] = await Promise.all([askOften(person.email), askOften(stranger)]);
  expect(known).toEqual(unknown);
  expect(known.filter((answer) => answer === "sent")).toHaveLength(5);
  expect(await mailsTo(db, person.email, "reset_password")).toHaveLength(1);
});

pgTest(
  "an account made by somebody else with one's address: a new password takes it over, with none of their factors",
  async ({ db }) => {
    const { services } = givenClockwork(db);
    const squatter = await givenSignedIn(services);
    const { email, id } = squatter.user;
    const { authenticator } = await givenPasskey(services, squatter);
    const { recoveryCodes } = await givenTotp(services, squatter);
    const begun = await services.sessions.create(id, caller);
    await beginTotp(services, { ...squatter, session: begun });
    // As it stood before a first factor asked for a verified address, or while no mail was sent.
    await db.sql`UPDATE users SET email_verified_at = NULL WHERE id = ${id}`;
    await requestPasswordReset(services, { email }, origin);
    const { pending, options } = await beginPasskeySignIn(services, caller);
    await resetPassword(services, { token: await mailedToken(db, email, "reset_password"), password }, origin);
    expect(await readFactorMethods(db, id)).toEqual({ totp: false, passkey: false, recoveryCodesLeft: 0 });
    expect(await hasSecondFactor(db, id)).toBe(false);
    expect(await db.sql`SELECT 1 FROM totp_setups WHERE user_id = ${id}`).toHaveLength(0);
    const response = authenticator.sign(options);
    await expect(finishByPasskey(services, { token: pending.token, caller }, response)).rejects.toThrow();
    await expect(proveByCode(services, squatter.user, recoveryCodes[0] ?? "")).rejects.toThrow();
    expect((await signIn(services, { email, password }, caller)).entry).toBeDefined();
  },
);

pgTest("a new password keeps the factors of who has proved the address", async ({ db }) => {
  const { services } = givenClockwork(db);
  const ada = await givenSignedIn(services);
  await givenTotp(services, ada);
  await requestPasswordReset(services, { email: ada.user.email }, origin);
  await resetPassword(services, { token: await mailedToken(db, ada.user.email, "reset_password"), password }, origin);
  expect((await signIn(services, { email: ada.user.email, password }, caller)).pending).toBeDefined();
});
