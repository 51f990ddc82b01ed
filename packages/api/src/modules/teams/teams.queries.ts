import { type Database, type TransactionScope, withEnterprise, withOrganization } from "@guildhall/db";
import { memberSpending, members, organizations, teamMembers, teamSpending, teams, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, count, eq, isNull, ne, or, sql, sum } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";
import { monthOf } from "../allowances/index.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { byName, contains, type NamedPart, toPart } from "./name-order.ts";

const teamOrder = byName(teams.name, teams.id);
const peopleOrder = byName(users.name, users.id);

/**
 * A part of the teams assigned to an organization (S0.9), with what each has spent of its wallet this month; how many match in all,
 * and what all that are assigned have spent.
 */
export async function readAssignedTeams(db: Database, actor: OrganizationActor, part: NamedPart & { now: Date }) {
  const month = monthOf(part.now);
  return withOrganization(db, actor.organizationId, async (tx) => {
    const spending = and(
      eq(teamSpending.organizationId, tx.organizationId),
      eq(teamSpending.teamId, teams.id),
      eq(teamSpending.month, month),
    );
    const assigned = eq(teams.organizationId, tx.organizationId);
    const found = and(assigned, contains(part.search, teams.name));
    const [all] = await tx.db
      .select({ spentMicro: sum(teamSpending.spentMicro) })
      .from(teams)
      .innerJoin(teamSpending, spending)
      .where(assigned);
    const [counted] = await tx.db.select({ total: count() }).from(teams).where(found);
    const rows = await tx.db
      .select({
        key: teamOrder.key,
        teamId: teams.id,
        name: teams.name,
        memberCount: teams.memberCount,
        assignedAt: teams.assignedAt,
        spentMicro: teamSpending.spentMicro,
      })
      .from(teams)
      .leftJoin(teamSpending, spending)
      .where(and(found, teamOrder.after(part.cursor)))
      .orderBy(...teamOrder.columns)
      .limit(part.limit + 1);
    const { items, nextCursor } = toPart(rows, part, ({ teamId }) => teamId);
    return {
      month: month.slice(0, 7),
      timeZone: "UTC",
      total: counted?.total ?? 0,
      spentMicro: all?.spentMicro ?? "0",
      nextCursor,
      teams: items.map((row) => ({
        ...row,
        assignedAt: row.assignedAt?.toISOString() ?? null,
        spentMicro: String(row.spentMicro ?? 0n),
      })),
    };
  });
}

/** The teams of the enterprise that are not assigned here; those that are assigned elsewhere do not say where. */
export async function readAssignableTeams(db: Database, actor: OrganizationActor) {
  const rows = await withOrganization(db, actor.organizationId, (tx) =>
    tx.db
      .select({
        teamId: teams.id,
        name: teams.name,
        memberCount: teams.memberCount,
        isFree: sql<boolean>`${teams.organizationId} IS NULL`,
      })
      .from(teams)
      .innerJoin(
        organizations,
        and(eq(organizations.id, tx.organizationId), eq(organizations.enterpriseId, teams.enterpriseId)),
      )
      .where(or(isNull(teams.organizationId), ne(teams.organizationId, tx.organizationId)))
      .orderBy(...teamOrder.columns),
  );
  return rows;
}

/**
 * A part of who is in an assigned team, with what they spent of the wallet this month and whether they are members, too.
 * @throws not_found
 */
export async function readTeamPeople(
  db: Database,
  actor: OrganizationActor,
  { teamId, now, ...part }: NamedPart & { teamId: string; now: Date },
) {
  return withOrganization(db, actor.organizationId, async (tx) => {
    const [team] = await tx.db
      .select({ enterpriseId: teams.enterpriseId, name: teams.name, memberCount: teams.memberCount })
      .from(teams)
      .where(and(eq(teams.organizationId, tx.organizationId), eq(teams.id, teamId)));
    if (!team) throw new DomainError("not_found");
    const { enterpriseId, ...shown } = team;
    const found = selectPeople(tx, { enterpriseId, teamId }, part).as("found");
    const rows = await tx.db
      .select({
        key: found.key,
        userId: found.userId,
        name: found.name,
        email: found.email,
        role: members.role,
        spentMicro: memberSpending.spentMicro,
      })
      .from(found)
      .leftJoin(members, and(eq(members.organizationId, tx.organizationId), eq(members.userId, found.userId)))
      .leftJoin(
        memberSpending,
        and(
          eq(memberSpending.organizationId, tx.organizationId),
          eq(memberSpending.memberId, found.userId),
          eq(memberSpending.month, monthOf(now)),
        ),
      )
      .orderBy(found.key, found.userId);
    const { items, nextCursor } = toPart(rows, part, ({ userId }) => userId);
    const people = items.map((row) => ({ ...row, spentMicro: String(row.spentMicro ?? 0n) }));
    return { teamId, ...shown, people, nextCursor };
  });
}

/** A part of the teams of an enterprise, and where each is assigned; how many match in all. */
export async function readTeamsOfEnterprise(
  db: Database,
  { enterpriseId, name, slug }: EnterpriseActor,
  part: NamedPart,
) {
  return withEnterprise(db, enterpriseId, async (tx) => {
    const found = and(eq(teams.enterpriseId, enterpriseId), contains(part.search, teams.name));
    const [counted] = await tx.db.select({ total: count() }).from(teams).where(found);
    const rows = await tx.db
      .select({
        key: teamOrder.key,
        teamId: teams.id,
        name: teams.name,
        memberCount: teams.memberCount,
        organizationName: organizations.name,
        createdAt: teams.createdAt,
      })
      .from(teams)
      .leftJoin(organizations, isPlaceOfTeam)
      .where(and(found, teamOrder.after(part.cursor)))
      .orderBy(...teamOrder.columns)
      .limit(part.limit + 1);
    const { items, nextCursor } = toPart(rows, part, ({ teamId }) => teamId);
    return {
      enterprise: { name, slug },
      total: counted?.total ?? 0,
      nextCursor,
      teams: items.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })),
    };
  });
}

const isPlaceOfTeam = and(
  eq(organizations.enterpriseId, teams.enterpriseId),
  eq(organizations.id, teams.organizationId),
);

/** One team of an enterprise and a part of its people. @throws not_found */
export async function readTeam(
  db: Database,
  { enterpriseId, name, slug }: EnterpriseActor,
  { teamId, ...part }: NamedPart & { teamId: string },
) {
  return withEnterprise(db, enterpriseId, async (tx) => {
    const [team] = await tx.db
      .select({
        teamId: teams.id,
        name: teams.name,
        memberCount: teams.memberCount,
        organizationName: organizations.name,
        createdAt: teams.createdAt,
      })
      .from(teams)
      .leftJoin(organizations, isPlaceOfTeam)
      .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)));
    if (!team) throw new DomainError("not_found");
    const rows = await selectPeople(tx, { enterpriseId, teamId }, part);
    const { items, nextCursor } = toPart(rows, part, ({ userId }) => userId);
    return {
      ...team,
      enterprise: { name, slug },
      createdAt: team.createdAt.toISOString(),
      people: items.map((row) => ({ ...row, addedAt: row.addedAt.toISOString() })),
      nextCursor,
    };
  });
}

/** The people of a team in the order of their names, one more than the part holds. */
function selectPeople({ db }: TransactionScope, of: { enterpriseId: string; teamId: string }, part: NamedPart) {
  return db
    .select({
      key: peopleOrder.key.as("key"),
      userId: users.id,
      name: users.name,
      email: users.email,
      addedAt: teamMembers.createdAt,
    })
    .from(teamMembers)
    .innerJoin(users, eq(users.id, teamMembers.userId))
    .where(
      and(
        eq(teamMembers.enterpriseId, of.enterpriseId),
        eq(teamMembers.teamId, of.teamId),
        contains(part.search, users.name, users.email),
        peopleOrder.after(part.cursor),
      ),
    )
    .orderBy(...peopleOrder.columns)
    .limit(part.limit + 1);
}
