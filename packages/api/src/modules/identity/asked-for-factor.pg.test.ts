import { pgTest } from "@guildhall/db/testing";
import { MINUTE_MS } from "@guildhall/shared";
import { describe, expect } from "vitest";
import { callingIn } from "../../testing/calling.ts";
import type { Services } from "../../trpc/context.ts";
import type { SignedInPerson } from "../second-factor/index.ts";
import { givenClockwork, givenSignedIn, givenTotp, PASSWORD } from "../second-factor/testing/given-factor.ts";
import { changePassword } from "./change-password.ts";
import { confirmByCode, confirmByPassword } from "./confirm-identity.ts";
import { freshAddress, mailsTo, readPerson } from "./testing/given-person.ts";

/** What takes an account over or ends it. Each is given the right password. */
const GUARDED = {
  "email.requestChange": (services: Services, person: SignedInPerson) =>
    callingIn(services, person).email.requestChange({ email: freshAddress(), password: PASSWORD }),
  "security.changePassword": (services: Services, person: SignedInPerson) =>
    callingIn(services, person).security.changePassword({ password: PASSWORD, newPassword: "another quiet harbour" }),
  "account.delete": (services: Services, person: SignedInPerson) =>
    callingIn(services, person).account.delete({ email: person.user.email, password: PASSWORD }),
};

describe.each(Object.entries(GUARDED))("%s", (_, call) => {
  pgTest("asks who has a second factor for it, not for the password alone", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    pass(10 * MINUTE_MS);
    const before = await readPerson(services, ada.user.id);
    await expect(call(services, ada)).rejects.toMatchObject({ cause: { code: "confirmation_required" } });
    const byPassword = confirmByPassword(services, ada, { password: PASSWORD });
    await expect(byPassword).rejects.toMatchObject({ code: "forbidden" });
    await expect(call(services, ada)).rejects.toMatchObject({ cause: { code: "confirmation_required" } });
    expect(await readPerson(services, ada.user.id)).toEqual(before);
    expect(await mailsTo(db, ada.user.email, "email_change_requested")).toEqual([]);
    await confirmByCode(services, ada, { code: codeNow() });
    await call(services, ada);
  });

  pgTest("takes the proof of this session only, and for ten minutes", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    const elsewhere = { ...ada, session: await services.sessions.create(ada.user.id, { address: "", userAgent: "" }) };
    pass(10 * MINUTE_MS);
    await confirmByCode(services, elsewhere, { code: codeNow() });
    await expect(call(services, ada)).rejects.toMatchObject({ cause: { code: "confirmation_required" } });
    pass(10 * MINUTE_MS);
    await expect(call(services, elsewhere)).rejects.toMatchObject({ cause: { code: "confirmation_required" } });
  });

  pgTest("asks who has no second factor for nothing but the password", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    pass(10 * MINUTE_MS);
    await call(services, ada);
  });
});

pgTest(
  "a new password renews no proof of the second factor: the new session keeps that of the old one",
  async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    await givenTotp(services, ada);
    const provedUntil = await services.sessions.confirmedUntil(ada.session.id);
    pass(6 * MINUTE_MS);
    const change = { password: PASSWORD, newPassword: "another quiet harbour" };
    const session = await changePassword(services, ada, change);
    expect(await services.sessions.confirmedUntil(session.id)).toEqual(provedUntil);
    pass(4 * MINUTE_MS);
    const after = callingIn(services, { ...ada, session }).secondFactor.removeTotp();
    await expect(after).rejects.toMatchObject({ cause: { code: "confirmation_required" } });
  },
);

pgTest("who has no second factor proves by the password that they change", async ({ db }) => {
  const { services, pass } = givenClockwork(db);
  const ada = await givenSignedIn(services);
  pass(10 * MINUTE_MS);
  const session = await changePassword(services, ada, { password: PASSWORD, newPassword: "another quiet harbour" });
  const provedUntil = (await services.sessions.confirmedUntil(session.id)) ?? new Date(0);
  expect(provedUntil > services.clock.now()).toBe(true);
});
