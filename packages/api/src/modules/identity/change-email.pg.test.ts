import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, MINUTE_MS } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, readLog } from "../../testing/given.ts";
import { changePassword } from "./change-password.ts";
import { confirmEmailChange } from "./confirm-email-change.ts";
import { readEmailStatus } from "./email.queries.ts";
import { cancelEmailChange, requestEmailChange } from "./request-email-change.ts";
import { requestPasswordReset } from "./request-password-reset.ts";
import { readPasswordReset } from "./reset-password.ts";
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

const gone = { code: "link_gone" };
const change = (email: string) => ({ email, password: OLD_PASSWORD });

pgTest("an address changes when the new one is confirmed, and the old one is told", async ({ db }) => {
  const { services } = givenPortal(db);
  const [person, email] = [await givenPerson(services), freshAddress()];
  await requestEmailChange(services, person, change(email));
  expect(await readEmailStatus(services, person.id)).toMatchObject({ email: person.email, pendingEmail: email });
  expect(await mailsTo(db, person.email, "email_changed")).toEqual([]);
  const token = await mailedToken(db, email, "change_email");
  expect(await confirmEmailChange(services, { token }, { origin, userId: person.id })).toEqual({ email });
  expect(await confirmEmailChange(services, { token }, { origin, userId: person.id })).toEqual({ email });
  expect(await readPerson(services, person.id)).toMatchObject({ email, emailVerifiedAt: expect.any(Date) });
  expect(await readEmailStatus(services, person.id)).toMatchObject({ email, pendingEmail: null, isVerified: true });
  const notices = await mailsTo(db, person.email, "email_changed");
  expect(notices).toHaveLength(1);
  expect(notices[0]?.text).not.toContain(email);
});

pgTest("the old address is told when a change is asked for, once for each time, and how to stop it", async ({ db }) => {
  const { services, pass } = givenPortal(db);
  const [person, email] = [await givenPerson(services), freshAddress()];
  await requestEmailChange(services, person, change(email));
  // Too soon for another link: it was not asked for, so nobody is told.
  await expect(requestEmailChange(services, person, change(email))).rejects.toMatchObject({
    code: "too_many_attempts",
  });
  const [notice, ...more] = await mailsTo(db, person.email, "email_change_requested");
  expect(more).toEqual([]);
  expect(notice?.text).toContain(`from the network address ${origin.address}`);
  expect(notice?.text).toContain("22 November 2026 at 10:00 UTC, with Browser,");
  expect(notice?.text).toContain(`${services.publicUrl}/settings/account`);
  expect(notice?.text).not.toContain(email);
  pass(MINUTE_MS);
  await requestEmailChange(services, person, change(email));
  expect(await mailsTo(db, person.email, "email_change_requested")).toHaveLength(2);
  expect(await mailsTo(db, email, "email_change_requested")).toEqual([]);
});

pgTest(
  "the old address is told of a taken new one, too, or the silence would tell that it is taken",
  async ({ db }) => {
    const { services } = givenPortal(db);
    const [person, other] = [await givenPerson(services), await givenPerson(services)];
    await requestEmailChange(services, person, change(other.email));
    expect(await mailsTo(db, person.email, "email_change_requested")).toHaveLength(1);
  },
);

pgTest("nobody is told of a change that a wrong password asked for", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  const wrong = requestEmailChange(services, person, { email: freshAddress(), password: "wrong" });
  await expect(wrong).rejects.toMatchObject({ code: "wrong_password" });
  expect(await mailsTo(db, person.email, "email_change_requested")).toEqual([]);
});

pgTest(
  "whoever reads the mail at the new address makes it nobody else's: only its account confirms it",
  async ({ db }) => {
    const { services } = givenPortal(db);
    const [squatter, email] = [await givenPerson(services), freshAddress()];
    await requestEmailChange(services, squatter, change(email));
    const token = await mailedToken(db, email, "change_email");
    const followed = confirmEmailChange(services, { token }, { origin, userId: null });
    await expect(followed).rejects.toMatchObject({ code: "forbidden" });
    expect(await readPerson(services, squatter.id)).toMatchObject({ email: squatter.email, emailVerifiedAt: null });
  },
);

pgTest("a new password takes back a change of address that waits, and links to set another one", async ({ db }) => {
  const { services } = givenPortal(db);
  const [person, email] = [await givenPerson(services), freshAddress()];
  await requestEmailChange(services, person, change(email));
  await requestPasswordReset(services, { email: person.email }, origin);
  const tokens = [
    await mailedToken(db, email, "change_email"),
    await mailedToken(db, person.email, "reset_password"),
  ] as const;
  const session = await services.sessions.create(person.id, origin);
  const input = { password: OLD_PASSWORD, newPassword: "another harbour at dusk" };
  await changePassword(services, { user: person, session }, input);
  const confirmed = confirmEmailChange(services, { token: tokens[0] }, { origin, userId: person.id });
  await expect(confirmed).rejects.toMatchObject(gone);
  await expect(readPasswordReset(services, { token: tokens[1] })).rejects.toMatchObject(gone);
  expect(await readEmailStatus(services, person.id)).toMatchObject({ email: person.email, pendingEmail: null });
});

pgTest("everybody who sees the person in a list hears of the new address", async ({ db }) => {
  const { services } = givenPortal(db);
  const member = await givenMember(services, await givenOrganization(services), "member");
  const { userId, organizationId } = member;
  const passwordHash = await services.passwords.hash(OLD_PASSWORD);
  await db.sql`UPDATE users SET password_hash = ${passwordHash} WHERE id = ${userId}`;
  const [user, email] = [{ ...member, id: userId, isPlatformAdmin: false }, freshAddress()];
  await requestEmailChange(services, user, change(email));
  await confirmEmailChange(services, { token: await mailedToken(db, email, "change_email") }, { origin, userId });
  const log = await readLog(db, organizationId);
  expect(log.at(-1)).toMatchObject({ type: "member.email_changed", payload: { userId, email } });
});

pgTest("links that went to the old address are worth nothing after the change", async ({ db }) => {
  const { services } = givenPortal(db);
  const [person, email] = [await givenPerson(services), freshAddress()];
  await requestPasswordReset(services, { email: person.email }, origin);
  const oldLink = await mailedToken(db, person.email, "reset_password");
  await requestEmailChange(services, person, change(email));
  const token = await mailedToken(db, email, "change_email");
  await confirmEmailChange(services, { token }, { origin, userId: person.id });
  await expect(readPasswordReset(services, { token: oldLink })).rejects.toMatchObject(gone);
});

pgTest("a taken address gets a note and no link, and the answer does not tell", async ({ db }) => {
  const { services } = givenPortal(db);
  const [person, other] = [await givenPerson(services), await givenPerson(services)];
  expect(await requestEmailChange(services, person, change(other.email))).toBeUndefined();
  expect(await readEmailStatus(services, person.id)).toMatchObject({ pendingEmail: other.email });
  expect(await mailsTo(db, other.email, "change_email")).toEqual([]);
  const [note] = await mailsTo(db, other.email, "email_in_use");
  expect(note?.text).not.toContain(person.email);
});

pgTest("an address that somebody takes meanwhile stays theirs", async ({ db }) => {
  const { services } = givenPortal(db);
  const [one, two, email] = [await givenPerson(services), await givenPerson(services), freshAddress()];
  const tokens: string[] = [];
  for (const person of [one, two]) {
    await requestEmailChange(services, person, change(email));
    tokens.push(await mailedToken(db, email, "change_email"));
  }
  const outcomes = await Promise.allSettled(
    [one, two].map(({ id }, n) => confirmEmailChange(services, { token: tokens[n] ?? "" }, { origin, userId: id })),
  );
  const refused = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
  expect(refused).toEqual(["email_taken"]);
  const [holders] = await db.sql`SELECT count(*)::int AS n FROM users WHERE email = ${email}`;
  expect(holders).toEqual({ n: 1 });
});

pgTest("a change asks for the password, and for another address than one's own", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  const wrong = requestEmailChange(services, person, { email: freshAddress(), password: "wrong" });
  await expect(wrong).rejects.toMatchObject({ code: "wrong_password", details: { field: "password" } });
  const same = requestEmailChange(services, person, change(person.email));
  await expect(same).rejects.toMatchObject({ code: "invalid_input", details: { field: "email" } });
});

pgTest("a link dies when it is taken back, replaced, or a day old", async ({ db }) => {
  const { services, pass } = givenPortal(db);
  const person = await givenPerson(services);
  const ask = async () => {
    const email = freshAddress();
    await requestEmailChange(services, person, change(email));
    pass(MINUTE_MS);
    return mailedToken(db, email, "change_email");
  };
  const replaced = await ask();
  const cancelled = await ask();
  await cancelEmailChange(services, person);
  expect(await readEmailStatus(services, person.id)).toMatchObject({ pendingEmail: null });
  const late = await ask();
  pass(DAY_MS);
  for (const token of [replaced, cancelled, late]) {
    await expect(confirmEmailChange(services, { token }, { origin, userId: person.id })).rejects.toMatchObject(gone);
  }
  expect(await readPerson(services, person.id)).toMatchObject({ email: person.email });
});
