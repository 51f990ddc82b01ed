import { type Database, withOrganization } from "@guildhall/db";
import { invites, users } from "@guildhall/db/schema";
import { pgTest } from "@guildhall/db/testing";
import { isDomainError, newId } from "@guildhall/shared";
import { describe, expect } from "vitest";
import { givenMember, givenOrganization, givenUser, readLog, readRoster } from "../../testing/given.ts";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { changeRole } from "../members/change-role.ts";
import { removeMember } from "../members/remove-member.ts";
import { acceptInvite } from "./accept-invite.ts";
import { revokeInvite } from "./revoke-invite.ts";
import { sendInviteList } from "./send-invite-list.ts";
import { givenInviting } from "./testing/given-invites.ts";

const ROUNDS = 500;

interface Guest {
  user: User;
  token: string;
  inviteId: string;
}

describe(`${ROUNDS} rounds on two connections`, { timeout: 300_000 }, () => {
  pgTest(
    "accept × accept, and somebody else beside: one membership each, of the invited person",
    async ({ db, openSecondConnection }) => {
      const { here, there, owner } = await givenTwo(db, openSecondConnection());
      const guests = await givenGuests(here, owner, ROUNDS);
      const other = await givenUser(db, "Other");
      for (const { user, token } of guests) {
        const [first, second, wrong] = await Promise.all([
          outcome(acceptInvite(here, user, { token })),
          outcome(acceptInvite(there, user, { token })),
          outcome(acceptInvite(there, other, { token })),
        ]);
        expect([first, second]).toEqual(["ok", "ok"]);
        expect(["invite_for_other", "invite_gone"]).toContain(wrong);
      }
      await expectJoined(db, { owner, joined: guests });
    },
  );

  pgTest("accept × revoke: either a member or a revoked invite, never both", async ({ db, openSecondConnection }) => {
    const { here, there, owner } = await givenTwo(db, openSecondConnection());
    const guests = await givenGuests(here, owner, ROUNDS);
    const joined: Guest[] = [];
    for (const [round, guest] of guests.entries()) {
      const calls = [
        () => acceptInvite(here, guest.user, guest),
        () => revokeInvite(there, owner, { inviteId: guest.inviteId }),
      ];
      // Who starts is ahead: each has to win sometimes.
      if (round % 2 === 1) calls.reverse();
      const outcomes = await Promise.all(calls.map((call) => outcome<unknown>(call())));
      if (round % 2 === 1) outcomes.reverse();
      expect([
        ["ok", "invite_gone"],
        ["invite_gone", "ok"],
      ]).toContainEqual(outcomes);
      if (outcomes[0] === "ok") joined.push(guest);
    }
    expect(joined.length).toBeGreaterThan(0);
    expect(joined.length).toBeLessThan(ROUNDS);
    await expectJoined(db, { owner, joined });
  });

  pgTest("accept again × remove: who is removed stays removed", async ({ db, openSecondConnection }) => {
    const { here, there, owner } = await givenTwo(db, openSecondConnection());
    const guests = await givenGuests(here, owner, ROUNDS);
    for (const { user, token } of guests) {
      await acceptInvite(here, user, { token });
      const [again, removed] = await Promise.all([
        outcome(acceptInvite(here, user, { token })),
        outcome(removeMember(there, owner, { userId: user.id })),
      ]);
      expect(["ok", "invite_gone"]).toContain(again);
      expect(removed).toBe("ok");
    }
    expect(Object.keys(await readRoster(db, owner.organizationId))).toEqual([owner.userId]);
    const added = await readAdded(db, owner);
    expect(added.length).toBe(ROUNDS + 1);
  });

  pgTest(
    "accept × the inviter’s demotion: nobody comes in by a right that was gone",
    async ({ db, openSecondConnection }) => {
      const { here, there, owner } = await givenTwo(db, openSecondConnection());
      const admin = await givenMember(here, owner, "admin");
      const guests = await givenGuests(here, admin, 200);
      const joined: Guest[] = [];
      for (const guest of guests) {
        const [accepted, demoted] = await Promise.all([
          outcome(acceptInvite(here, guest.user, guest)),
          outcome(changeRole(there, owner, { userId: admin.userId, role: "member" })),
        ]);
        expect(demoted).toBe("ok");
        expect(["ok", "invite_gone"]).toContain(accepted);
        if (accepted === "ok") joined.push(guest);
        await changeRole(there, owner, { userId: admin.userId, role: "admin" });
      }
      await expectJoined(db, { owner, joined, beside: [admin.userId] });
      await expectAddedWhileAdmin(db, owner, admin.userId);
    },
  );
});

async function givenTwo(db: Database, second: Database) {
  const here = givenInviting(db).services;
  const there = givenInviting(second).services;
  return { here, there, owner: await givenOrganization(here) };
}

/** That many people with an open invite each, by two statements and one list. */
async function givenGuests(services: Services, actor: OrganizationActor, count: number): Promise<Guest[]> {
  const people = Array.from({ length: count }, (_, n) => {
    const id = newId();
    return { id, name: `Guest ${n}`, email: `${id}@example.com`, isPlatformAdmin: false };
  });
  const createdAt = services.clock.now();
  await services.db.drizzle.insert(users).values(people.map((user) => ({ ...user, passwordHash: "none", createdAt })));
  const list = people.map(({ email }) => email).join("\n");
  const { acceptUrls } = await sendInviteList(services, actor, { list, role: "member", idempotencyKey: newId() });
  const rows = await withOrganization(services.db, actor.organizationId, (tx) => tx.db.select().from(invites));
  const ids = new Map(rows.map(({ email, id }) => [email, id]));
  return people.map((user) => ({
    user,
    token: acceptUrls[user.email]?.split("/").at(-1) ?? "",
    inviteId: ids.get(user.email) ?? "",
  }));
}

async function outcome<T>(call: Promise<T>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (isDomainError(error)) return error.code;
    throw error;
  }
}

interface Joined {
  owner: OrganizationActor;
  joined: Guest[];
  beside?: string[];
}

/** The roster holds exactly these, and each was added once: the log would tell of a second time. */
async function expectJoined(db: Database, { owner, joined, beside = [] }: Joined): Promise<void> {
  const expected = [owner.userId, ...beside, ...joined.map(({ user }) => user.id)].sort();
  expect(Object.keys(await readRoster(db, owner.organizationId)).sort()).toEqual(expected);
  expect((await readAdded(db, owner)).sort()).toEqual(expected);
  const rows = await withOrganization(db, owner.organizationId, (tx) => tx.db.select().from(invites));
  const accepted = rows.filter(({ acceptedBy }) => acceptedBy !== null);
  expect(accepted.map(({ acceptedBy }) => acceptedBy).sort()).toEqual(joined.map(({ user }) => user.id).sort());
  const addresses = new Map(joined.map(({ user }) => [user.id, user.email]));
  for (const { acceptedBy, email } of accepted) expect(addresses.get(acceptedBy ?? "")).toBe(email);
}

async function readAdded(db: Database, owner: OrganizationActor): Promise<string[]> {
  const log = await readLog(db, owner.organizationId);
  return log.filter(({ type }) => type === "member.added").map(({ payload }) => (payload as { userId: string }).userId);
}

/** In the order of the log, nobody was added between the admin's demotion and their promotion. */
async function expectAddedWhileAdmin(db: Database, owner: OrganizationActor, adminId: string): Promise<void> {
  let isAdmin = false;
  for (const { type, payload } of await readLog(db, owner.organizationId)) {
    const { userId, role } = payload as { userId?: string; role?: string };
    if (type === "member.added" && userId === adminId) isAdmin = true;
    else if (type === "member.role_changed" && userId === adminId) isAdmin = role === "admin";
    else if (type === "member.added" && userId !== owner.userId) expect(isAdmin).toBe(true);
  }
}
