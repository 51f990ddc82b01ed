import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenUser, readLog } from "../../testing/given.ts";
import { changeRole } from "../members/change-role.ts";
import { removeMember } from "../members/remove-member.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { listInvites } from "./invites.queries.ts";
import { resendInvite } from "./resend-invite.ts";
import { checkInviteList, sendInviteList } from "./send-invite-list.ts";
import { givenInviting } from "./testing/given-invites.ts";

const asMember = (email: string) => ({ email, role: "member" }) as const;

/** An open invite whose inviter has become a member without the right to invite. */
async function givenVoidInvite(db: Database) {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const admin = await givenMember(services, owner, "admin");
  const user = await givenUser(db);
  const old = await createInvite(services, admin, asMember(user.email));
  await changeRole(services, owner, { userId: admin.userId, role: "member" });
  return { services, owner, admin, user, old };
}

pgTest(
  "S2.11 inviting an address again takes over from an inviter who lost the right: the old link is dead",
  async ({ db }) => {
    const { services, owner, admin, user, old } = await givenVoidInvite(db);
    const taken = await createInvite(services, owner, { email: user.email, role: "billing_admin" });
    expect(taken.inviteId).not.toBe(old.inviteId);
    const { items, counts } = await listInvites(services, owner, {});
    expect(counts).toMatchObject({ pending: 1, revoked: 1 });
    expect(Object.fromEntries(items.map((item) => [item.inviteId, item]))).toMatchObject({
      [old.inviteId]: { state: "revoked", invitedByName: admin.name },
      [taken.inviteId]: { state: "pending", canBeAccepted: true, invitedByName: owner.name, role: "billing_admin" },
    });
    await changeRole(services, owner, { userId: admin.userId, role: "admin" });
    await expect(acceptInvite(services, user, old)).rejects.toMatchObject({ code: "invite_gone" });
    await expect(resendInvite(services, owner, old)).rejects.toMatchObject({ code: "invite_gone" });
    await expect(acceptInvite(services, user, taken)).resolves.toEqual({ slug: owner.slug });
    const told = (await readLog(db, owner.organizationId)).filter(({ type }) => type === "invite.revoked");
    expect(told.map(({ payload }) => payload)).toEqual([{ inviteId: old.inviteId }]);
  },
);

pgTest("S2.11 so does a list, and its preview says whose invite is taken over", async ({ db }) => {
  const { services, owner, admin, user } = await givenVoidInvite(db);
  await removeMember(services, owner, { userId: admin.userId });
  const list = { list: user.email, role: "member" } as const;
  const { lines } = await checkInviteList(services, owner, list);
  expect(lines).toMatchObject([{ status: "new", note: expect.stringContaining(`the invite of ${admin.name}`) }]);
  const { results, acceptUrls } = await sendInviteList(services, owner, { ...list, idempotencyKey: newId() });
  expect(results).toMatchObject([{ status: "invited" }]);
  const token = acceptUrls[user.email]?.split("/").at(-1) ?? "";
  await expect(acceptInvite(services, user, { token })).resolves.toEqual({ slug: owner.slug });
});

pgTest("an invite that can still be accepted is never taken over", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const admin = await givenMember(services, owner, "admin");
  const user = await givenUser(db);
  const invite = await createInvite(services, admin, asMember(user.email));
  const again = createInvite(services, owner, asMember(user.email));
  await expect(again).rejects.toMatchObject({ code: "already_invited" });
  await expect(acceptInvite(services, user, invite)).resolves.toEqual({ slug: owner.slug });
});

pgTest(
  "an invite that is not valid any more is taken over by nobody who could not take it back: its role is above theirs",
  async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const [second, admin] = [await givenMember(services, owner, "owner"), await givenMember(services, owner, "admin")];
    const user = await givenUser(db);
    const old = await createInvite(services, second, { email: user.email, role: "owner" });
    await changeRole(services, owner, { userId: second.userId, role: "member" });
    await expect(createInvite(services, admin, asMember(user.email))).rejects.toMatchObject({
      code: "already_invited",
    });
    const list = { list: user.email, role: "member" } as const;
    const { lines } = await checkInviteList(services, admin, list);
    expect(lines).toMatchObject([{ status: "already_invited" }]);
    const { results } = await sendInviteList(services, admin, { ...list, idempotencyKey: newId() });
    expect(results).toMatchObject([{ status: "already_invited" }]);
    const { items } = await listInvites(services, owner, {});
    expect(items).toMatchObject([{ inviteId: old.inviteId, state: "pending" }]);
    // Whoever could give its role takes it over.
    const taken = await createInvite(services, owner, asMember(user.email));
    await expect(acceptInvite(services, user, taken)).resolves.toEqual({ slug: owner.slug });
  },
);

pgTest("two who take the same invite over at once are one", async ({ db, openSecondConnection }) => {
  const { services, owner, user } = await givenVoidInvite(db);
  const colleague = await givenMember(services, owner, "admin");
  const there = givenInviting(openSecondConnection()).services;
  const outcomes = await Promise.allSettled([
    createInvite(services, owner, asMember(user.email)),
    createInvite(there, colleague, asMember(user.email)),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect((await listInvites(services, owner, {})).counts).toMatchObject({ pending: 1, revoked: 1 });
});
