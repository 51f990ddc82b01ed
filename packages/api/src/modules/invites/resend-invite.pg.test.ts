import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, HOUR_MS, newId } from "@guildhall/shared";
import { describe, expect } from "vitest";
import { readCapturedMail } from "../../testing/captured-mail.ts";
import { givenMember, givenOrganization, givenUser, readLog, readRoster } from "../../testing/given.ts";
import { changeRole } from "../members/change-role.ts";
import { removeMember } from "../members/remove-member.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { declineInvite } from "./decline-invite.ts";
import { INVITE_TTL_MS, SENDINGS_PER_HOUR } from "./invite-policy.ts";
import { listInvites } from "./invites.queries.ts";
import { acceptReceivedInvite, readReceivedInvites } from "./received-invites.ts";
import { resendInvite } from "./resend-invite.ts";
import { revokeInvite } from "./revoke-invite.ts";
import { sendInviteList } from "./send-invite-list.ts";
import { freshAddress, givenInviting, givenVerified, mailedTokens } from "./testing/given-invites.ts";

const gone = (reason: string) => ({ code: "invite_gone", details: { reason } });

describe("sending an invite again", () => {
  pgTest(
    "S2.11 S2.12 makes new links, kills the old ones, and mails once more, for seven more days",
    async ({ db }) => {
      const { services, pass } = givenInviting(db);
      const owner = await givenOrganization(services);
      const user = await givenUser(db);
      const first = await createInvite(services, owner, { email: user.email, role: "member" });
      pass(6 * DAY_MS);
      const second = await resendInvite(services, owner, first);
      const tokens = await mailedTokens(db, user.email);
      expect(tokens).toHaveLength(2);
      expect(new Set([first.token, second.token, ...tokens]).size).toBe(4);
      expect(second.expiresAt).toBe(new Date(services.clock.now().getTime() + INVITE_TTL_MS).toISOString());
      for (const token of [first.token, tokens[0] ?? ""])
        await expect(acceptInvite(services, user, { token })).rejects.toMatchObject(gone("replaced"));
      pass(6 * DAY_MS);
      await expect(acceptInvite(services, user, second)).resolves.toEqual({ slug: owner.slug });
      const log = await readLog(db, owner.organizationId);
      expect(log.map(({ type }) => type)).toContain("invite.resent");
    },
  );

  pgTest("S2.12 each sending is a mail of its own, with its role and its link, and no other", async ({ db }) => {
    const { services, pass } = givenInviting(db);
    const owner = await givenOrganization(services, "Northwind");
    const email = freshAddress();
    const invite = await createInvite(services, owner, { email, role: "admin" });
    pass(1);
    await resendInvite(services, owner, invite);
    const mails = await readCapturedMail(db, email);
    expect(mails.map(({ cause }) => cause)).toEqual([1, 2].map((n) => `invite:${invite.inviteId}:${n}`));
    expect(mails[0]?.mail).toMatchObject({ organizationName: "Northwind", invitedByName: owner.name, role: "admin" });
    expect(JSON.stringify(mails)).not.toContain(invite.token);
  });

  pgTest(
    "S2.12 where no delivery is configured nothing is mailed, and the link for handing over works",
    async ({ db }) => {
      const { services } = givenInviting(db, { mailDelivery: "off" });
      const owner = await givenOrganization(services);
      const user = await givenUser(db);
      const { token } = await createInvite(services, owner, { email: user.email, role: "member" });
      expect(await readCapturedMail(db, user.email)).toEqual([]);
      await expect(acceptInvite(services, user, { token })).resolves.toEqual({ slug: owner.slug });
    },
  );

  pgTest("brings an expired one back, but none that was accepted, declined or revoked", async ({ db }) => {
    const { services, pass } = givenInviting(db);
    const owner = await givenOrganization(services);
    const [guest, decliner] = [await givenUser(db), await givenUser(db)];
    const expired = await createInvite(services, owner, { email: guest.email, role: "member" });
    pass(INVITE_TTL_MS);
    await expect(acceptInvite(services, guest, expired)).rejects.toMatchObject(gone("expired"));
    const again = await resendInvite(services, owner, expired);
    await acceptInvite(services, guest, again);
    await expect(resendInvite(services, owner, again)).rejects.toMatchObject(gone("accepted"));
    const declined = await createInvite(services, owner, { email: decliner.email, role: "member" });
    await declineInvite(services, decliner, declined);
    await expect(resendInvite(services, owner, declined)).rejects.toMatchObject(gone("declined"));
    const revoked = await createInvite(services, owner, { email: freshAddress(), role: "member" });
    await revokeInvite(services, owner, revoked);
    await expect(resendInvite(services, owner, revoked)).rejects.toMatchObject(gone("revoked"));
  });

  pgTest("an expired one that made room for a newer does not come back beside it", async ({ db }) => {
    const { services, pass } = givenInviting(db);
    const owner = await givenOrganization(services);
    const email = freshAddress();
    const old = await createInvite(services, owner, { email, role: "member" });
    pass(INVITE_TTL_MS);
    await createInvite(services, owner, { email, role: "admin" });
    await expect(resendInvite(services, owner, old)).rejects.toMatchObject({ code: "already_invited" });
  });

  pgTest("takes over an invite whose inviter lost the right, and asks for the own right first", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const admin = await givenMember(services, owner, "admin");
    const user = await givenUser(db);
    const invite = await createInvite(services, admin, { email: user.email, role: "admin" });
    await changeRole(services, owner, { userId: admin.userId, role: "member" });
    await expect(resendInvite(services, admin, invite)).rejects.toMatchObject({ code: "forbidden" });
    await expect(acceptInvite(services, user, invite)).rejects.toMatchObject(gone("inviter_lost_right"));
    expect((await listInvites(services, owner, {})).items).toMatchObject([{ state: "pending", canBeAccepted: false }]);
    const taken = await resendInvite(services, owner, invite);
    await expect(acceptInvite(services, user, taken)).resolves.toEqual({ slug: owner.slug });
    const ownersInvite = await createInvite(services, owner, { email: freshAddress(), role: "owner" });
    const other = await givenMember(services, owner, "admin");
    await expect(resendInvite(services, other, ownersInvite)).rejects.toMatchObject({ code: "role_above_own" });
  });

  pgTest(
    "S2.14 one whose inviter lost the right stays dead when they get it back, and is there again when it is resent",
    async ({ db }) => {
      const { services } = givenInviting(db);
      const owner = await givenOrganization(services);
      const admin = await givenMember(services, owner, "admin");
      const user = await givenVerified(db);
      const received = () => readReceivedInvites(db, user.id, services.clock.now());
      const invite = await createInvite(services, admin, { email: user.email, role: "member" });
      await changeRole(services, owner, { userId: admin.userId, role: "owner" });
      expect(await received()).toHaveLength(1);
      await changeRole(services, owner, { userId: admin.userId, role: "billing_admin" });
      await changeRole(services, owner, { userId: admin.userId, role: "admin" });
      await expect(acceptInvite(services, user, invite)).rejects.toMatchObject(gone("inviter_lost_right"));
      expect(await received()).toEqual([]);
      const id = { organizationId: owner.organizationId, inviteId: invite.inviteId };
      await expect(acceptReceivedInvite(services, user, id)).rejects.toMatchObject(gone("inviter_lost_right"));
      expect((await listInvites(services, owner, {})).items).toMatchObject([
        { state: "pending", canBeAccepted: false },
      ]);
      const again = await resendInvite(services, admin, invite);
      expect(await received()).toHaveLength(1);
      await expect(acceptInvite(services, user, again)).resolves.toEqual({ slug: owner.slug });
    },
  );

  pgTest(
    "S2.14 an owner’s invite of an owner dies when they become an admin, one of an admin does not",
    async ({ db }) => {
      const { services } = givenInviting(db);
      const owner = await givenOrganization(services);
      const second = await givenMember(services, owner, "owner");
      for (const role of ["owner", "admin"] as const)
        await createInvite(services, second, { email: freshAddress(), role });
      await changeRole(services, owner, { userId: second.userId, role: "admin" });
      await changeRole(services, owner, { userId: second.userId, role: "owner" });
      const { items } = await listInvites(services, owner, {});
      expect(items.map(({ role, canBeAccepted }) => [role, canBeAccepted]).sort()).toEqual([
        ["admin", true],
        ["owner", false],
      ]);
    },
  );

  pgTest("S2.14 the invites of somebody who was removed stay dead when they come back", async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const admin = await givenMember(services, owner, "admin");
    const user = await givenUser(db);
    const invite = await createInvite(services, admin, { email: user.email, role: "member" });
    await removeMember(services, owner, { userId: admin.userId });
    const back = await createInvite(services, owner, { email: admin.email, role: "admin" });
    await acceptInvite(services, { id: admin.userId }, back);
    await expect(acceptInvite(services, user, invite)).rejects.toMatchObject(gone("inviter_lost_right"));
  });

  pgTest("a mailbox is not flooded by inviting and revoking in turn, nor by a list", async ({ db }) => {
    const { services, pass } = givenInviting(db);
    const owner = await givenOrganization(services);
    const email = freshAddress();
    for (let sent = 0; sent < SENDINGS_PER_HOUR; sent += 1)
      await revokeInvite(services, owner, await createInvite(services, owner, { email, role: "member" }));
    const tooOften = { code: "too_many_attempts", message: expect.stringContaining(email) };
    await expect(createInvite(services, owner, { email, role: "member" })).rejects.toMatchObject(tooOften);
    const list = { list: `${freshAddress()}\n${email}`, role: "member", idempotencyKey: newId() } as const;
    const { results } = await sendInviteList(services, owner, list);
    expect(results.map(({ status }) => status)).toEqual(["invited", "too_often"]);
    expect(await mailedTokens(db, email)).toHaveLength(SENDINGS_PER_HOUR);
    await createInvite(services, owner, { email: freshAddress(), role: "member" });
    pass(HOUR_MS);
    await createInvite(services, owner, { email, role: "member" });
  });

  pgTest("is limited: a mailbox is nobody’s toy", async ({ db }) => {
    const { services, pass } = givenInviting(db);
    const owner = await givenOrganization(services);
    const invite = await createInvite(services, owner, { email: freshAddress(), role: "member" });
    for (let sent = 1; sent < SENDINGS_PER_HOUR; sent += 1) await resendInvite(services, owner, invite);
    await expect(resendInvite(services, owner, invite)).rejects.toMatchObject({ code: "too_many_attempts" });
    pass(HOUR_MS);
    await expect(resendInvite(services, owner, invite)).resolves.toMatchObject({ inviteId: invite.inviteId });
  });
});

pgTest("S2.14 the link of somebody who was removed brings nobody back, and a new invite does", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const user = await givenUser(db);
  const invite = await createInvite(services, owner, { email: user.email, role: "member" });
  await acceptInvite(services, user, invite);
  await removeMember(services, owner, { userId: user.id });
  await expect(acceptInvite(services, user, invite)).rejects.toMatchObject(gone("accepted"));
  expect(Object.keys(await readRoster(db, owner.organizationId))).toEqual([owner.userId]);
  const again = await createInvite(services, owner, { email: user.email, role: "admin" });
  await acceptInvite(services, user, again);
  expect((await readRoster(db, owner.organizationId))[user.id]).toBe("admin");
});

pgTest("S3.3 another organization’s invites can be neither sent again nor revoked nor found", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const stranger = await givenOrganization(services);
  const invite = await createInvite(services, owner, { email: freshAddress(), role: "member" });
  await expect(resendInvite(services, stranger, invite)).rejects.toMatchObject({ code: "not_found" });
  await expect(revokeInvite(services, stranger, invite)).rejects.toMatchObject({ code: "not_found" });
  expect((await listInvites(services, stranger, {})).items).toEqual([]);
  expect((await listInvites(services, owner, {})).items).toMatchObject([{ state: "pending" }]);
});

pgTest("invites are listed by state and address, newest first, page by page", async ({ db }) => {
  const { services, pass } = givenInviting(db);
  const owner = await givenOrganization(services);
  const made = [];
  for (let n = 0; n < 52; n += 1) {
    made.push(await createInvite(services, owner, { email: `n${n}.${freshAddress()}`, role: "member" }));
    pass(1);
  }
  await revokeInvite(services, owner, { inviteId: made[50]?.inviteId ?? "" });
  const first = await listInvites(services, owner, { states: ["pending"] });
  expect(first.counts).toEqual({ pending: 51, expired: 0, accepted: 0, declined: 0, revoked: 1 });
  const second = await listInvites(services, owner, { states: ["pending"], cursor: first.nextCursor ?? undefined });
  const listed = [...first.items, ...second.items].map(({ inviteId }) => inviteId);
  expect(listed).toEqual(
    made
      .filter((_, n) => n !== 50)
      .map(({ inviteId }) => inviteId)
      .reverse(),
  );
  expect(second.nextCursor).toBeNull();
  const found = await listInvites(services, owner, { search: "N5." });
  expect(found.items.map(({ email }) => email.slice(0, 3))).toEqual(["n5."]);
  expect((await listInvites(services, owner, { search: "%" })).items).toEqual([]);
});
