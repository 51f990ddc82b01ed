import type { Role } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { invites } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, givenUser, readLog, readRoster } from "../../testing/given.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { changeRole } from "../members/change-role.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { INVITE_TTL_MS } from "./invite-policy.ts";
import { listInvites, previewInvite } from "./invites.queries.ts";
import { revokeInvite } from "./revoke-invite.ts";

async function invite(services: Services, actor: OrganizationActor, role: Role = "member") {
  const user = await givenUser(services.db, "Invitee");
  return { user, ...(await createInvite(services, actor, { email: user.email, role })) };
}

pgTest(
  "S2.11 S2.14 an accepted invite makes a member with the chosen role, announced to the organization",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const { user, token } = await invite(services, owner, "billing_admin");
    expect(await acceptInvite(services, user, { token })).toEqual({ slug: owner.slug });
    expect((await readRoster(db, owner.organizationId))[user.id]).toBe("billing_admin");
    const log = await readLog(db, owner.organizationId);
    expect(log.map((event) => event.type).slice(-3)).toEqual(["invite.created", "member.added", "invite.accepted"]);
    expect(log.find((event) => event.type === "invite.created")?.audience).toEqual(["owner", "admin"]);
  },
);

pgTest("S2.13 the token is shown once and only its hash is stored", async ({ db, ownerDb, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const { token, acceptUrl } = await invite(services, owner);
  expect(acceptUrl).toBe(`https://portal.example.com/invite/${token}`);
  const stored = await withOrganization(ownerDb, owner.organizationId, (tx) => tx.db.select().from(invites));
  const logged = await readLog(db, owner.organizationId);
  const everything = JSON.stringify([stored, logged], (_key, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  expect(everything).not.toContain(token.slice(-43));
});

pgTest("accepting in parallel and again makes one membership", async ({ db, openSecondConnection, onTestFinished }) => {
  const here = givenServices(db);
  const there = givenServices(openSecondConnection());
  onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
  const owner = await givenOrganization(here);
  const { user, token } = await invite(here, owner);
  const outcomes = await Promise.all(
    [here, there, here, there].map((services) => acceptInvite(services, user, { token })),
  );
  expect(outcomes).toEqual(Array(4).fill({ slug: owner.slug }));
  expect(Object.keys(await readRoster(db, owner.organizationId))).toHaveLength(2);
});

pgTest("an invite is bound to its address and names no address to anybody else", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const { user, token } = await invite(services, owner);
  const other = await givenUser(db, "Other");
  await expect(acceptInvite(services, other, { token })).rejects.toMatchObject({ code: "invite_for_other" });
  const seenByOther = await previewInvite(services, other, { token });
  expect(seenByOther.matchesYou).toBe(false);
  expect(JSON.stringify(seenByOther)).not.toContain(user.email);
  expect((await previewInvite(services, null, { token })).matchesYou).toBeNull();
  expect((await previewInvite(services, user, { token })).matchesYou).toBe(true);
});

pgTest("looking at an invite any number of times consumes nothing", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const { user, token } = await invite(services, owner);
  for (let look = 0; look < 3; look += 1) await previewInvite(services, null, { token });
  await expect(acceptInvite(services, user, { token })).resolves.toEqual({ slug: owner.slug });
});

pgTest("revoked, expired and unknown invites are refused, and change nothing", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const revoked = await invite(services, owner);
  await revokeInvite(services, owner, { inviteId: revoked.inviteId });
  await expect(acceptInvite(services, revoked.user, revoked)).rejects.toMatchObject({ code: "invite_gone" });
  const expired = await invite(services, owner);
  const later = { ...services, clock: { now: () => new Date(systemClock.now().getTime() + INVITE_TTL_MS + 1) } };
  await expect(acceptInvite(later, expired.user, expired)).rejects.toMatchObject({ code: "invite_gone" });
  const forged = `${expired.token.slice(0, -1)}${expired.token.endsWith("A") ? "B" : "A"}`;
  await expect(acceptInvite(services, expired.user, { token: forged })).rejects.toMatchObject({ code: "not_found" });
  expect(Object.keys(await readRoster(db, owner.organizationId))).toEqual([owner.userId]);
});

pgTest("an invite dies when its inviter loses the right to give its role", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const admin = await givenMember(services, owner, "admin");
  const { user, token } = await invite(services, admin, "admin");
  await changeRole(services, owner, { userId: admin.userId, role: "member" });
  await expect(acceptInvite(services, user, { token })).rejects.toMatchObject({ code: "invite_gone" });
});

pgTest("one open invite per address; an expired one makes room; members need none", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const owner = await givenOrganization(services);
  const { user } = await invite(services, owner);
  const again = (now: Services) => createInvite(now, owner, { email: user.email, role: "admin" });
  await expect(again(services)).rejects.toMatchObject({ code: "already_invited" });
  const later = { ...services, clock: { now: () => new Date(systemClock.now().getTime() + INVITE_TTL_MS + 1) } };
  await again(later);
  expect(await listInvites(later, owner, {})).toMatchObject({
    items: [
      { email: user.email, role: "admin", state: "pending" },
      { email: user.email, role: "member", state: "expired" },
    ],
    counts: { pending: 1, expired: 1 },
  });
  await expect(createInvite(services, owner, { email: owner.email, role: "member" })).rejects.toMatchObject({
    code: "already_member",
  });
});

pgTest(
  "S2.11 admins invite up to their own role; members and billing admins invite nobody",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const admin = await givenMember(services, owner, "admin");
    await expect(invite(services, admin, "owner")).rejects.toMatchObject({ code: "role_above_own" });
    for (const role of ["billing_admin", "member"] as const) {
      await expect(invite(services, await givenMember(services, owner, role))).rejects.toMatchObject({
        code: "forbidden",
      });
    }
  },
);
