import { type Database, withUser } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { describe, expect } from "vitest";
import { readCapturedMail } from "../../testing/captured-mail.ts";
import { givenOrganization, givenUser, readRoster } from "../../testing/given.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { declineInvite } from "./decline-invite.ts";
import { listInvites, previewInvite } from "./invites.queries.ts";
import { acceptReceivedInvite, declineReceivedInvite, readReceivedInvites } from "./received-invites.ts";
import { resendInvite } from "./resend-invite.ts";
import { revokeInvite } from "./revoke-invite.ts";
import { signUpByInvite } from "./sign-up-by-invite.ts";
import {
  caller,
  freshAddress,
  givenInviting,
  givenVerified,
  isVerified,
  mailedTokens,
} from "./testing/given-invites.ts";

const GRACE = { name: "Grace Hopper", password: "a quiet harbour at dawn" };

describe("a new person", () => {
  pgTest("S2.14 signs up by the mailed link: member, signed in, and the address counts as verified", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const email = freshAddress();
    await createInvite(services, owner, { email, role: "billing_admin" });
    const [token = ""] = await mailedTokens(db, email);
    const entered = await signUpByInvite(services, { token, ...GRACE }, caller);
    expect(entered).toMatchObject({ slug: owner.slug, user: { email, name: GRACE.name } });
    expect(await services.sessions.validate(entered.session.token)).toMatchObject({ user: { id: entered.user.id } });
    expect((await readRoster(db, owner.organizationId))[entered.user.id]).toBe("billing_admin");
    expect(await isVerified(db, email)).toBe(true);
    const templates = (await readCapturedMail(db, email)).map(({ mail }) => mail.template);
    expect(templates).toEqual(["invite"]);
    const { id } = entered.user;
    expect(await readVerifications(db, id)).toEqual([{ actor_id: id, after: { email } }]);
  });

  pgTest("S2.13 by a link that was handed over joins, but has proved no address: that is mailed", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const email = freshAddress();
    const { token } = await createInvite(services, owner, { email, role: "member" });
    const { user } = await signUpByInvite(services, { token, ...GRACE }, caller);
    expect(Object.keys(await readRoster(db, owner.organizationId))).toContain(user.id);
    expect(await isVerified(db, email)).toBe(false);
    const templates = (await readCapturedMail(db, email)).map(({ mail }) => mail.template);
    expect(templates.sort()).toEqual(["invite", "verify_email"]);
    expect(await readVerifications(db, user.id)).toEqual([]);
  });

  pgTest("an existing account is not touched: not its password, not its name, not its sessions", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const user = await givenUser(db);
    const { token } = await createInvite(services, owner, { email: user.email, role: "member" });
    const before = await db.sql`SELECT * FROM users WHERE id = ${user.id}`;
    const attempt = signUpByInvite(services, { token, ...GRACE }, caller);
    await expect(attempt).rejects.toMatchObject({ code: "email_taken" });
    expect(await db.sql`SELECT * FROM users WHERE id = ${user.id}`).toEqual(before);
    expect(await db.sql`SELECT 1 FROM sessions WHERE user_id = ${user.id}`).toHaveLength(0);
    await expect(acceptInvite(services, user, { token })).resolves.toEqual({ slug: owner.slug });
  });

  pgTest("two at once by one link make one account and one membership", async ({ db, openSecondConnection }) => {
    const here = givenInviting(db).services;
    const there = givenInviting(openSecondConnection()).services;
    const owner = await givenOrganization(here);
    const email = freshAddress();
    const { token } = await createInvite(here, owner, { email, role: "member" });
    const outcomes = await Promise.allSettled(
      [here, there].map((services) => signUpByInvite(services, { token, ...GRACE }, caller)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(Object.keys(await readRoster(db, owner.organizationId))).toHaveLength(2);
  });

  pgTest("no account is left behind by an invite that is gone, and none by a weak password", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const email = freshAddress();
    const invite = await createInvite(services, owner, { email, role: "member" });
    const weak = signUpByInvite(services, { token: invite.token, name: "Grace", password: email }, caller);
    await expect(weak).rejects.toMatchObject({ code: "invalid_input", details: { field: "password" } });
    await revokeInvite(services, owner, invite);
    const late = signUpByInvite(services, { token: invite.token, ...GRACE }, caller);
    await expect(late).rejects.toMatchObject({ code: "invite_gone", details: { reason: "revoked" } });
    expect(await db.sql`SELECT 1 FROM users WHERE email = ${email}`).toHaveLength(0);
  });
});

const readVerifications = (db: Database, userId: string) =>
  withUser(
    db,
    userId,
    (tx) => tx.sql`
      SELECT actor_id, after FROM audit.entries WHERE scope_id = ${userId} AND action = 'account.email_verified'`,
  );

describe("an account", () => {
  pgTest("counts as verified once it has come by the mailed link, and not by the other one", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const [byMail, byHand] = [await givenUser(db), await givenUser(db)];
    await createInvite(services, owner, { email: byMail.email, role: "member" });
    const handed = await createInvite(services, owner, { email: byHand.email, role: "member" });
    await acceptInvite(services, byMail, { token: (await mailedTokens(db, byMail.email))[0] ?? "" });
    await acceptInvite(services, byHand, handed);
    expect([await isVerified(db, byMail.email), await isVerified(db, byHand.email)]).toEqual([true, false]);
    const chains = await Promise.all([byMail, byHand].map(({ id }) => readVerifications(db, id)));
    expect(chains).toEqual([[{ actor_id: byMail.id, after: { email: byMail.email } }], []]);
  });

  pgTest("whose address has changed meanwhile is somebody else: what counts is the address of now", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const user = await givenUser(db);
    const { token } = await createInvite(services, owner, { email: user.email, role: "member" });
    await db.sql`UPDATE users SET email = ${freshAddress()} WHERE id = ${user.id}`;
    await expect(acceptInvite(services, user, { token })).rejects.toMatchObject({ code: "invite_for_other" });
  });

  pgTest(
    "whose address changes in the very instant is waited for, and then is somebody else",
    async ({ db, superuserDb, openSecondConnection }) => {
      const { services } = givenInviting(db);
      const owner = await givenOrganization(services);
      const user = await givenUser(db);
      const { token } = await createInvite(services, owner, { email: user.email, role: "member" });
      const accepted = await openSecondConnection().sql.begin(async (sql) => {
        await sql`UPDATE users SET email = ${freshAddress()} WHERE id = ${user.id}`;
        const attempt = Promise.allSettled([acceptInvite(services, user, { token })]);
        await expect.poll(() => countWaiting(superuserDb), { timeout: 20_000 }).toBe(1);
        return { attempt };
      });
      expect(await accepted.attempt).toMatchObject([{ status: "rejected", reason: { code: "invite_for_other" } }]);
    },
  );

  pgTest("declines by the link, once; another account cannot", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const [user, other] = [await givenUser(db), await givenUser(db)];
    const invite = await createInvite(services, owner, { email: user.email, role: "member" });
    await expect(declineInvite(services, other, invite)).rejects.toMatchObject({ code: "invite_for_other" });
    await declineInvite(services, user, invite);
    await declineInvite(services, user, invite);
    expect((await listInvites(services, owner, {})).items).toMatchObject([{ state: "declined" }]);
    await expect(previewInvite(services, user, invite)).rejects.toMatchObject({ details: { reason: "declined" } });
  });

  pgTest("who came in by an invite is led inside when they open its link again", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const user = await givenUser(db);
    const invite = await createInvite(services, owner, { email: user.email, role: "member" });
    expect(await previewInvite(services, user, invite)).toMatchObject({ memberOf: null, newAccountEmail: null });
    await acceptInvite(services, user, invite);
    expect(await previewInvite(services, user, invite)).toMatchObject({ memberOf: owner.slug });
    await expect(previewInvite(services, null, invite)).rejects.toMatchObject({ details: { reason: "accepted" } });
  });
});

describe("received invites", () => {
  pgTest(
    "show what the verified address is invited to, in every organization, and nothing before it is",
    async ({ db }) => {
      const { services } = givenInviting(db);
      const [one, two] = [await givenOrganization(services, "One"), await givenOrganization(services, "Two")];
      const user = await givenUser(db);
      const read = () => readReceivedInvites(db, user.id, services.clock.now());
      await createInvite(services, one, { email: user.email, role: "member" });
      const second = await createInvite(services, two, { email: user.email, role: "admin" });
      expect(await read()).toEqual([]);
      await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${user.id}`;
      expect((await read()).map(({ organizationName, role }) => [organizationName, role]).sort()).toEqual([
        ["One", "member"],
        ["Two", "admin"],
      ]);
      await revokeInvite(services, two, second);
      expect((await read()).map(({ organizationName }) => organizationName)).toEqual(["One"]);
      const stranger = await givenVerified(db);
      expect(await readReceivedInvites(db, stranger.id, services.clock.now())).toEqual([]);
    },
  );

  pgTest("are accepted and declined without the link, only by whom they are for", async ({ db }) => {
    const { services } = givenInviting(db);
    const [one, two] = [await givenOrganization(services, "One"), await givenOrganization(services, "Two")];
    const user = await givenVerified(db);
    const unverified = await givenUser(db);
    const invite = await createInvite(services, one, { email: user.email, role: "admin" });
    const other = await createInvite(services, two, { email: user.email, role: "member" });
    const id = { organizationId: one.organizationId, inviteId: invite.inviteId };
    for (const stranger of [await givenVerified(db), unverified]) {
      await expect(acceptReceivedInvite(services, stranger, id)).rejects.toMatchObject({ code: "not_found" });
      await expect(declineReceivedInvite(services, stranger, id)).rejects.toMatchObject({ code: "not_found" });
    }
    // Their own address, but nobody knows that yet.
    const unproved = await createInvite(services, one, { email: unverified.email, role: "member" });
    const theirs = { ...id, inviteId: unproved.inviteId };
    await expect(acceptReceivedInvite(services, unverified, theirs)).rejects.toMatchObject({ code: "not_found" });
    const mixed = { ...id, inviteId: other.inviteId };
    await expect(acceptReceivedInvite(services, user, mixed)).rejects.toMatchObject({ code: "not_found" });
    expect(await acceptReceivedInvite(services, user, id)).toEqual({ slug: one.slug });
    expect((await readRoster(db, one.organizationId))[user.id]).toBe("admin");
    await declineReceivedInvite(services, user, { organizationId: two.organizationId, inviteId: other.inviteId });
    expect(await readReceivedInvites(db, user.id, services.clock.now())).toEqual([]);
    expect(Object.keys(await readRoster(db, two.organizationId))).toEqual([two.userId]);
  });

  pgTest("are told to the invited person’s pages as they come, go and return", async ({ db }) => {
    const { services } = givenInviting(db);
    const touched: string[] = [];
    const bus = { ...services.bus, touchPerson: (userId: string) => touched.push(userId) };
    const watched = { ...services, bus: bus as unknown as typeof services.bus };
    const owner = await givenOrganization(services);
    const user = await givenVerified(db);
    const invite = await createInvite(watched, owner, { email: user.email, role: "member" });
    await resendInvite(watched, owner, invite);
    await revokeInvite(watched, owner, invite);
    expect(touched).toEqual([user.id, user.id, user.id]);
  });

  pgTest("S3.3 the walls let nobody read other people’s invites: a person’s transaction sees none", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const user = await givenVerified(db);
    await createInvite(services, owner, { email: user.email, role: "member" });
    const seen = await withUser(
      db,
      user.id,
      (tx) => tx.sql`SELECT 1 FROM invites UNION ALL SELECT 1 FROM invite_links`,
    );
    expect(seen).toHaveLength(0);
  });
});

/** How many wait for a lock in this database. */
async function countWaiting(db: Database): Promise<number> {
  const rows = await db.sql`
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return rows.length;
}
