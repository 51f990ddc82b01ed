import { type Database, withUser } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { MINUTE_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { callingAs, callingIn } from "../../testing/calling.ts";
import { readCapturedMail } from "../../testing/captured-mail.ts";
import { givenOrganization, givenUser, readLog } from "../../testing/given.ts";
import type { Services, User } from "../../trpc/context.ts";
import { readActor } from "../organizations/read-actor.ts";
import type { SignedInPerson } from "../second-factor/index.ts";
import { proveByCode } from "../second-factor/prove-by-code.ts";
import {
  givenClockwork,
  givenPasskey,
  givenSignedIn,
  givenTotp,
  hasSecondFactor,
} from "../second-factor/testing/given-factor.ts";
import { resetSecondFactor } from "./reset-second-factor.ts";
import { setPlatformAdmin } from "./set-platform-admin.ts";

const reason = "Called back at the number that we know";

/** A platform admin, signed in just now by their password alone. */
async function givenSupportWithoutFactor(services: Services): Promise<SignedInPerson> {
  const { user, session } = await givenSignedIn(services, "Margaret");
  await setPlatformAdmin(services, { email: user.email, isPlatformAdmin: true, allowUnverified: true });
  return { session, user: { ...user, isPlatformAdmin: true } };
}

/** A platform admin, signed in just now, with a second factor of their own. */
async function givenSupport(services: Services): Promise<SignedInPerson> {
  const support = await givenSupportWithoutFactor(services);
  await givenTotp(services, support);
  return support;
}

const readChain = (db: Database, userId: string, action: string) =>
  withUser(
    db,
    userId,
    (tx) => tx.sql`
      SELECT actor_id, subject_id, after, address, user_agent, request_id FROM audit.entries
       WHERE scope_id = ${userId} AND action = ${action}`,
  );

const resetMails = async (db: Database, { email }: User) =>
  (await readCapturedMail(db, email)).filter(({ mail }) => mail.template === "second_factor_reset");

pgTest("a lost second factor is reset by a platform admin: all factors, all codes, all sessions", async ({ db }) => {
  const { services } = givenClockwork(db);
  const [support, ada] = [await givenSupport(services), await givenSignedIn(services)];
  const { recoveryCodes } = await givenTotp(services, ada);
  await givenPasskey(services, ada);
  const elsewhere = await services.sessions.create(ada.user.id, { address: "", userAgent: "" });
  const admin = callingIn(services, support).admin;
  const { userId } = await admin.findPerson({ email: ` ${ada.user.email.toUpperCase()} ` });
  expect(await admin.person({ userId })).toMatchObject({
    name: "Ada",
    isSelf: false,
    secondFactor: { hasApp: true, passkeyCount: 1, recoveryCodesLeft: 10 },
  });
  const input = { userId, email: ada.user.email, reason };
  expect(await admin.resetSecondFactor(input)).toEqual({ wasRemoved: true });
  expect(await admin.person({ userId })).toMatchObject({ secondFactor: null });
  expect(await hasSecondFactor(db, userId)).toBe(false);
  const wrong = proveByCode(services, ada.user, recoveryCodes[0] ?? "");
  await expect(wrong).rejects.toMatchObject({ code: "wrong_code" });
  for (const { token } of [ada, elsewhere]) expect(await services.sessions.validate(token)).toBeNull();
  // The admin's own session is another person's.
  expect(await services.sessions.confirmedUntil(support.session.id)).toBeInstanceOf(Date);
});

pgTest("a reset stands in the person's audit log and the server's, and is mailed, once", async ({ db }) => {
  const clockwork = givenClockwork(db);
  const warnings: object[] = [];
  const log = { info() {}, error() {}, warn: (facts: object) => warnings.push(facts) };
  const services = { ...clockwork.services, log };
  const [support, ada] = [await givenSupport(services), await givenSignedIn(services)];
  await givenTotp(services, ada);
  const { admin } = callingIn(services, support);
  const input = { userId: ada.user.id, email: ada.user.email, reason };
  await admin.resetSecondFactor(input);
  expect(await admin.resetSecondFactor(input)).toEqual({ wasRemoved: false });
  const [by, of] = [support.user.id, ada.user.id];
  const nowhere = { address: null, user_agent: null, request_id: null };
  const entry = { actor_id: by, subject_id: of, after: { reason }, ...nowhere };
  expect(await readChain(db, of, "second_factor.all_removed")).toEqual([entry]);
  expect(warnings).toEqual([{ userId: of, platformAdminId: by }]);
  const mails = await resetMails(db, ada.user);
  expect(mails).toHaveLength(1);
  expect(mails[0]?.text).toContain("Margaret, who administers this portal");
  expect(mails[0]?.text).not.toContain(support.user.email);
});

pgTest("a reset needs the person's address typed, and a reason", async ({ db }) => {
  const { services } = givenClockwork(db);
  const [support, ada, bob] = [
    await givenSupport(services),
    await givenSignedIn(services),
    await givenSignedIn(services, "Bob"),
  ];
  await givenTotp(services, ada);
  const { admin } = callingIn(services, support);
  const another = admin.resetSecondFactor({ userId: ada.user.id, email: bob.user.email, reason });
  await expect(another).rejects.toMatchObject({ cause: { code: "invalid_input", details: { field: "email" } } });
  const silent = admin.resetSecondFactor({ userId: ada.user.id, email: ada.user.email, reason: " " });
  await expect(silent).rejects.toMatchObject({ code: "BAD_REQUEST" });
  expect(await hasSecondFactor(db, ada.user.id)).toBe(true);
  expect(await services.sessions.validate(ada.token)).not.toBeNull();
  expect(await resetMails(db, ada.user)).toEqual([]);
});

pgTest("an admin without a second factor resets nobody's, until they have set one up", async ({ db }) => {
  const { services } = givenClockwork(db);
  const [support, ada] = [await givenSupportWithoutFactor(services), await givenSignedIn(services)];
  await givenTotp(services, ada);
  const { admin } = callingIn(services, support);
  const input = { userId: ada.user.id, email: ada.user.email, reason };
  const message = expect.stringContaining("Set one up under Settings > Security");
  const refusal = { cause: { code: "second_factor_required", message } };
  await expect(admin.resetSecondFactor(input)).rejects.toMatchObject(refusal);
  expect(await hasSecondFactor(db, ada.user.id)).toBe(true);
  expect(await services.sessions.validate(ada.token)).not.toBeNull();
  expect(await resetMails(db, ada.user)).toEqual([]);
  await givenTotp(services, support);
  expect(await admin.resetSecondFactor(input)).toEqual({ wasRemoved: true });
});

pgTest("nobody resets their own, nor with a session that was left open, nor without the right", async ({ db }) => {
  const { services, pass } = givenClockwork(db);
  const [support, ada] = [await givenSupport(services), await givenSignedIn(services)];
  await givenTotp(services, ada);
  const own = { userId: support.user.id, email: support.user.email, reason };
  const of = { userId: ada.user.id, email: ada.user.email, reason };
  const refused = callingIn(services, support).admin.resetSecondFactor(own);
  await expect(refused).rejects.toMatchObject({ cause: { code: "forbidden" } });
  pass(10 * MINUTE_MS);
  const late = callingIn(services, support).admin.resetSecondFactor(of);
  await expect(late).rejects.toMatchObject({ cause: { code: "confirmation_required" } });
  const lostMeanwhile = resetSecondFactor(services, { userId: ada.user.id }, own);
  await expect(lostMeanwhile).rejects.toMatchObject({ code: "not_found" });
  const { admin } = callingAs(services, ada.user);
  const calls = [admin.resetSecondFactor(own), admin.person({ userId: own.userId }), admin.findPerson(own)];
  for (const call of calls) await expect(call).rejects.toMatchObject({ cause: { code: "not_found" } });
  for (const { user } of [support, ada]) expect(await hasSecondFactor(db, user.id)).toBe(true);
});

pgTest("an organization that requires a factor keeps the person out until they have one again", async ({ db }) => {
  const { services } = givenClockwork(db);
  const [support, owner] = [await givenSupport(services), await givenOrganization(services)];
  const { userId, organizationId } = owner;
  const session = await services.sessions.create(userId, { address: "", userAgent: "" });
  const user = { ...(await givenUser(db)), id: userId, email: owner.email };
  await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${userId}`;
  await givenTotp(services, { user, session });
  await callingAs(services, user).organizations.requireSecondFactor({ organization: owner.slug, isRequired: true });
  await readActor(db, user, owner.slug);
  await resetSecondFactor(services, { userId: support.user.id }, { userId, email: owner.email, reason });
  await expect(readActor(db, user, owner.slug)).rejects.toMatchObject({ code: "second_factor_required" });
  const types = (await readLog(db, organizationId)).map(({ type }) => type);
  expect(types).toContain("member.suspended");
});

pgTest("people are found by their whole address alone, and an account that is gone is not found", async ({ db }) => {
  const { services } = givenClockwork(db);
  const [support, ada] = [await givenSupport(services), await givenSignedIn(services)];
  const { admin } = callingIn(services, support);
  const part = admin.findPerson({ email: ada.user.email.slice(2) });
  await expect(part).rejects.toMatchObject({ cause: { code: "unknown_person" } });
  await db.sql`UPDATE users SET deleted_at = now() WHERE id = ${ada.user.id}`;
  await expect(admin.person({ userId: ada.user.id })).rejects.toMatchObject({ cause: { code: "not_found" } });
  const gone = admin.resetSecondFactor({ userId: ada.user.id, email: ada.user.email, reason });
  await expect(gone).rejects.toMatchObject({ cause: { code: "not_found" } });
  await expect(admin.person({ userId: newId() })).rejects.toMatchObject({ cause: { code: "not_found" } });
});
