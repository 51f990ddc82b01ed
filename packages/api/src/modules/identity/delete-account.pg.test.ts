import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices, readLog, readRoster } from "../../testing/given.ts";
import { givenEnterprise, givenTeam, proveAddress } from "../../testing/given-teams.ts";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { addEnterpriseAdmin } from "../enterprises/add-enterprise-admin.ts";
import { addMember } from "../members/index.ts";
import { lockOrganization } from "../organizations/index.ts";
import { addTeamMember } from "../teams/add-team-member.ts";
import { assignTeam } from "../teams/assign-team.ts";
import { readTeamsOfEnterprise } from "../teams/teams.queries.ts";
import { readAccountDeletion } from "./account-deletion.queries.ts";
import { deleteAccount } from "./delete-account.ts";

const PASSWORD = "correct horse battery";

/** A person who can prove who they are, as a member of a new organization with another owner. */
async function givenPerson(services: Services): Promise<{ user: User; organization: OrganizationActor }> {
  const passwordHash = await services.passwords.hash(PASSWORD);
  const owner = await givenOrganization(services);
  const organization = await givenMember(services, owner, "admin");
  await services.db.sql`UPDATE users SET password_hash = ${passwordHash} WHERE id = ${organization.userId}`;
  const { userId: id, name, email } = organization;
  return { user: { id, name, email, isPlatformAdmin: false }, organization };
}

function join(services: Services, user: User, organization: OrganizationActor): Promise<void> {
  return withOrganization(services.db, organization.organizationId, async (tx) => {
    await lockOrganization(tx);
    await addMember(tx, services, { user, role: "member", actorId: organization.userId });
  });
}

const confirmed = (user: User) => ({ email: user.email, password: PASSWORD });

pgTest(
  "a deleted account is in no organization, has no session and no name, and its address is free",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { user, organization } = await givenPerson(services);
    const second = await givenOrganization(services, "Second");
    await join(services, user, second);
    const { token } = await services.sessions.create(user.id, { address: "192.0.2.1", userAgent: "Browser/1" });
    await deleteAccount(services, user, confirmed(user));
    for (const { organizationId } of [organization, second]) {
      expect(await readRoster(db, organizationId)).not.toHaveProperty(user.id);
      const log = await readLog(db, organizationId);
      expect(log.at(-1)).toMatchObject({
        type: "member.removed",
        payload: { userId: user.id, name: "admin", reason: "account_deleted" },
      });
      const [entry] = await withOrganization(
        db,
        organizationId,
        (tx) => tx.sql`SELECT action, actor_name FROM audit.entries ORDER BY sequence DESC LIMIT 1`,
      );
      expect(entry).toMatchObject({ action: "member.account_deleted", actor_name: "admin" });
    }
    expect(await services.sessions.validate(token)).toBeNull();
    const [row] = await db.sql`SELECT name, email, deleted_at FROM users WHERE id = ${user.id}`;
    expect(row).toMatchObject({ name: "Deleted account", email: `deleted-${user.id}@deleted.invalid` });
    expect(row?.deleted_at).toBeInstanceOf(Date);
    await db.sql`INSERT INTO users (id, email, name, password_hash, created_at)
      VALUES (${newId()}, ${user.email}, 'Again', '!', now())`;
  },
);

pgTest(
  "every row that goes with a person goes with their account, also of tables that are made later",
  async ({ db, superuserDb, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { user } = await givenPerson(services);
    const [enterprise] = await superuserDb.sql`SELECT id FROM enterprises LIMIT 1`;
    const teamId = newId();
    await superuserDb.sql`INSERT INTO teams (enterprise_id, id, name, created_at) VALUES (${enterprise?.id}, ${teamId}, 'T', now())`;
    await superuserDb.sql`INSERT INTO team_members (enterprise_id, team_id, user_id, created_at)
      VALUES (${enterprise?.id}, ${teamId}, ${user.id}, now())`;
    await superuserDb.sql`INSERT INTO enterprise_admins (enterprise_id, user_id, created_at) VALUES (${enterprise?.id}, ${user.id}, now())`;
    await deleteAccount(services, user, confirmed(user));
    const parts = await superuserDb.sql<{ name: string; column: string }[]>`
      SELECT conrelid::regclass::text AS name, attname AS column FROM pg_constraint
        JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
       WHERE contype = 'f' AND confrelid = 'users'::regclass AND confdeltype = 'c'`;
    expect(parts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["sessions", "team_members", "enterprise_admins"]),
    );
    for (const { name, column } of parts) {
      const rows =
        await superuserDb.sql`SELECT 1 FROM ${superuserDb.sql(name)} WHERE ${superuserDb.sql(column)} = ${user.id}`;
      expect(rows, name).toHaveLength(0);
    }
  },
);

pgTest(
  "who deletes their account leaves their teams, and the organizations that these are assigned to are told",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { user, organization } = await givenPerson(services);
    await proveAddress(services, user);
    const owner = await givenOrganization(services, "Payers");
    const enterprise = await givenEnterprise(services, owner);
    const [assigned, free] = [await givenTeam(services, enterprise), await givenTeam(services, enterprise)];
    for (const { teamId } of [assigned, free]) await addTeamMember(services, enterprise, { teamId, email: user.email });
    await assignTeam(services, owner, { teamId: assigned.teamId });
    await deleteAccount(services, user, confirmed(user));
    const { teams } = await readTeamsOfEnterprise(db, enterprise, { limit: 50 });
    expect(teams.map(({ memberCount }) => memberCount)).toEqual([1, 1]);
    const told = (await readLog(db, owner.organizationId)).filter(({ type }) => type === "team.member_removed");
    expect(told).toMatchObject([{ payload: { teamId: assigned.teamId, userId: user.id, name: "admin" } }]);
    const audited = await withOrganization(
      db,
      owner.organizationId,
      (tx) => tx.sql`SELECT actor_name, subject_id FROM audit.entries WHERE action = 'team.member_removed'`,
    );
    expect(audited).toEqual([{ actor_name: "admin", subject_id: assigned.teamId }]);
    expect(await readRoster(db, organization.organizationId)).not.toHaveProperty(user.id);
  },
);

pgTest(
  "the last owner of an organization cannot delete the account: all of them are named, and nothing has changed",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const { user, organization } = await givenPerson(services);
    const alone = await givenOrganization(services, "Alone");
    await join(services, user, alone);
    await withOrganization(
      db,
      alone.organizationId,
      (tx) => tx.sql`
      UPDATE members SET role = CASE WHEN user_id = ${user.id} THEN 'owner' ELSE 'member' END
       WHERE organization_id = ${alone.organizationId}`,
    );
    const { organizations } = await readAccountDeletion(db, user.id);
    expect(organizations.map(({ name, isLastOwner }) => [name, isLastOwner])).toEqual([
      ["Acme", false],
      ["Alone", true],
    ]);
    const attempt = deleteAccount(services, user, confirmed(user));
    await expect(attempt).rejects.toMatchObject({ code: "last_owner", details: { organizations: "Alone" } });
    expect((await readRoster(db, organization.organizationId))[user.id]).toBe("admin");
    const [row] = await db.sql`SELECT email FROM users WHERE id = ${user.id}`;
    expect(row?.email).toBe(user.email);
  },
);

pgTest(
  "the only admin of an enterprise that others depend on cannot delete the account: it is named, and a second admin frees them",
  async ({ db, onTestFinished }) => {
    const services = givenServices(db);
    onTestFinished(() => services.stop());
    const passwordHash = await services.passwords.hash(PASSWORD);
    const owner = await givenOrganization(services);
    const second = await givenMember(services, owner, "owner");
    await db.sql`UPDATE users SET password_hash = ${passwordHash} WHERE id = ${owner.userId}`;
    const user = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
    const name = "Owner’s enterprise";
    expect((await readAccountDeletion(db, user.id)).enterprises).toMatchObject([{ name }]);
    const attempt = deleteAccount(services, user, confirmed(user));
    await expect(attempt).rejects.toMatchObject({ code: "last_enterprise_admin", details: { enterprises: name } });
    expect((await readRoster(db, owner.organizationId))[user.id]).toBe("owner");
    await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${second.userId}`;
    await addEnterpriseAdmin(services, await givenEnterprise(services, owner), { email: second.email });
    expect((await readAccountDeletion(db, user.id)).enterprises).toEqual([]);
    await deleteAccount(services, user, confirmed(user));
    expect(await readRoster(db, owner.organizationId)).toEqual({ [second.userId]: "owner" });
  },
);

pgTest("nobody else at an open window deletes it: address and password are asked", async ({ db, onTestFinished }) => {
  const services = givenServices(db);
  onTestFinished(() => services.stop());
  const { user } = await givenPerson(services);
  const wrongAddress = deleteAccount(services, user, { email: "else@example.com", password: PASSWORD });
  await expect(wrongAddress).rejects.toMatchObject({ code: "invalid_input", details: { field: "email" } });
  const wrongPassword = deleteAccount(services, user, { email: user.email, password: "guess" });
  await expect(wrongPassword).rejects.toMatchObject({ code: "invalid_credentials", details: { field: "password" } });
});

pgTest(
  "two owners who delete their accounts in the same instant leave one owner, and nobody is let in meanwhile",
  async ({ db, openSecondConnection, superuserDb, onTestFinished }) => {
    const here = givenServices(db);
    const there = givenServices(openSecondConnection());
    onTestFinished(() => Promise.all([here.stop(), there.stop()]).then(() => {}));
    const passwordHash = await here.passwords.hash(PASSWORD);
    for (let round = 0; round < 6; round += 1) {
      const first = await givenOrganization(here);
      const second = await givenMember(here, first, "owner");
      const elsewhere = await givenOrganization(here);
      await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${second.userId}`;
      await addEnterpriseAdmin(here, await givenEnterprise(here, first), { email: second.email });
      const [one, other] = [first, second].map(({ userId: id, name, email }) => ({
        id,
        name,
        email,
        isPlatformAdmin: false,
      }));
      if (!one || !other) throw new Error("Two people were given.");
      await db.sql`UPDATE users SET password_hash = ${passwordHash} WHERE id IN (${one.id}, ${other.id})`;
      const outcomes = await Promise.allSettled([
        deleteAccount(here, one, confirmed(one)),
        deleteAccount(there, other, confirmed(other)),
        join(there, one, elsewhere),
      ]);
      const deleted = outcomes.slice(0, 2).filter(({ status }) => status === "fulfilled");
      expect(deleted).toHaveLength(1);
      expect(Object.values(await readRoster(db, first.organizationId))).toEqual(["owner"]);
      const ghosts = await superuserDb.sql`
        SELECT 1 FROM members JOIN users ON users.id = user_id WHERE deleted_at IS NOT NULL`;
      expect(ghosts).toHaveLength(0);
    }
  },
);
