import { type EachOrganization, type UserTx, withOrganizationsOfUser, withUser } from "@guildhall/db";
import { members, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { recordPeopleAudit } from "../../record-audit.ts";
import type { CallingUser, Services } from "../../trpc/context.ts";
import { lockAdministered, readAdministeredAlone } from "../enterprises/index.ts";
import { decideLeaving, endMemberships, readRosterPart } from "../members/index.ts";
import { lockOrganization } from "../organizations/index.ts";
import {
  leaveAssignedTeams,
  leaveFreeTeams,
  lockOwnTeams,
  type OwnTeam,
  readOrganizationsOfTeams,
  readOwnTeamIds,
} from "../teams/index.ts";

/** What the person types, so that nobody else at an open window does it. */
export interface DeletionInput {
  email: string;
  password: string;
}

/** How often it begins anew because the person was let into another organization meanwhile. */
const ATTEMPTS = 5;

/**
 * Deletes a person's account: ends all memberships, teams, sessions and what else is theirs, and leaves a row without a name, so that
 * what they did keeps an author. The ledger of their own wallet is kept. All or nothing, in one transaction.
 * Locks every organization of theirs, and those that their teams are assigned to, in the order of the ids, then the enterprises that
 * they administer, then their teams and their own row, so that they are in none afterwards.
 * @throws invalid_input (another address), invalid_credentials, too_many_attempts, last_owner (names the organizations),
 * last_enterprise_admin (names the enterprises that others depend on)
 */
export async function deleteAccount(services: Services, user: CallingUser, input: DeletionInput): Promise<void> {
  await confirmPerson(services, user, input);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const organizationIds = await readOrganizationIds(services, user.id);
    const isDone = await withOrganizationsOfUser(
      services.db,
      { userId: user.id, organizationIds },
      (person, eachOrganization) => erase(services, { person, eachOrganization, user, organizationIds }),
    );
    if (isDone) return;
  }
  throw new DomainError("overloaded");
}

async function confirmPerson(services: Services, user: CallingUser, { email, password }: DeletionInput): Promise<void> {
  if (email !== user.email) {
    throw new DomainError("invalid_input", { field: "email" }, "This is not the address of your account.");
  }
  const attempt = await services.loginLimits.beginSignIn({ email, address: user.origin?.address ?? "" });
  const [person] = await services.db.drizzle
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, user.id));
  const matches = await services.passwords.verify(person?.passwordHash ?? null, password);
  if (!matches) throw new DomainError("invalid_credentials", { field: "password" }, "The password is wrong.");
  await attempt.takeBack();
}

/** Where the person is a member, and where their teams are assigned. */
async function readOrganizationIds({ db }: Services, userId: string): Promise<string[]> {
  return withUser(db, userId, async (tx) => [
    ...(await selectMembershipIds(tx, userId)),
    ...(await readOrganizationsOfTeams(tx)),
  ]);
}

async function selectMembershipIds(tx: UserTx, userId: string): Promise<string[]> {
  const rows = await tx.db.select({ id: members.organizationId }).from(members).where(eq(members.userId, userId));
  return rows.map(({ id }) => id);
}

interface Erasure {
  person: UserTx;
  eachOrganization: EachOrganization;
  user: CallingUser;
  organizationIds: string[];
}

/** False, and nothing is changed, when the person came into another organization meanwhile, or a team of theirs did. */
async function erase(services: Services, erasure: Erasure): Promise<boolean> {
  const { person, user, organizationIds } = erasure;
  const ownedAlone = await lockAll(erasure);
  await lockAdministered(person, user.id);
  // Whoever puts somebody into a team locks the team before the person: so do we, and look again when nobody can any more.
  const teams = await lockOwnTeams(person);
  await person.sql`SELECT 1 FROM users WHERE id = ${user.id} FOR UPDATE`;
  const teamIds = await readOwnTeamIds(person);
  if (!teamIds.every((id) => teams.some(({ teamId }) => teamId === id))) return false;
  const placeIds = [...(await selectMembershipIds(person, user.id)), ...teams.map((team) => team.organizationId)];
  const isCurrent = placeIds.every((id) => id === null || organizationIds.includes(id));
  if (!isCurrent) return false;
  if (ownedAlone.length > 0) throw lastOwnerOf(ownedAlone);
  const administeredAlone = await readAdministeredAlone(person, user.id);
  if (administeredAlone.length > 0) throw lastAdminOf(administeredAlone.map(({ name }) => name));
  await leaveAll(services, erasure, teams);
  const left = await leaveFreeTeams(person, services, { actor: { ...user, userId: user.id }, teams });
  await services.sessions.endAll(user.id, undefined, person);
  await person.sql`SELECT erase_personal_rows()`;
  const deleted = { userId: user.id, origin: user.origin, action: "account.deleted" };
  recordPeopleAudit(person, services, [...left, deleted]);
  // Last of all: the audit notes the name of who acts.
  person.beforeCommit(() => anonymize(services, person, user.id));
  return true;
}

/** Locks the organizations and returns the names of those that would be left without an owner. */
async function lockAll({ eachOrganization, user }: Erasure): Promise<string[]> {
  const ownedAlone: string[] = [];
  await eachOrganization(async (tx) => {
    const { name } = await lockOrganization(tx);
    const roster = await readRosterPart(tx, [user.id]);
    const decision = decideLeaving(roster.factsAbout(user.id, user.id));
    if (!decision.ok && decision.reason === "last_owner") ownedAlone.push(name);
  });
  return ownedAlone;
}

async function leaveAll(services: Services, { eachOrganization, user }: Erasure, teams: OwnTeam[]): Promise<void> {
  const actor = { userId: user.id, origin: user.origin };
  await eachOrganization(async (tx) => {
    const entry = (await readRosterPart(tx, [user.id])).find(user.id);
    if (entry) await endMemberships(tx, services, { ended: [entry], actor, reason: "account_deleted" });
    await leaveAssignedTeams(tx, services, { actor, teams });
  });
}

async function anonymize({ clock }: Services, person: UserTx, userId: string): Promise<void> {
  await person.db
    .update(users)
    .set({
      name: "Deleted account",
      // Frees the address; ".invalid" can never receive anything.
      email: `deleted-${userId}@deleted.invalid`,
      passwordHash: "deleted",
      emailVerifiedAt: null,
      isPlatformAdmin: false,
      deletedAt: clock.now(),
    })
    .where(eq(users.id, userId));
}

function lastOwnerOf(names: string[]): DomainError {
  const list = new Intl.ListFormat("en").format(names);
  return new DomainError(
    "last_owner",
    { organizations: list },
    `You are the only owner of ${list}. Make somebody else an owner first, or offer them the ownership.`,
  );
}

function lastAdminOf(names: string[]): DomainError {
  const list = new Intl.ListFormat("en").format(names);
  return new DomainError(
    "last_enterprise_admin",
    { enterprises: list },
    `You are the only admin of ${list}. Add somebody else as an admin on its page of teams first.`,
  );
}
