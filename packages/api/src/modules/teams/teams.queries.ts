import { type Database, withEnterprise, withOrganization } from "@guildhall/db";
import { memberSpending, members, organizations, teamMembers, teamSpending, teams, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, asc, eq, isNull, ne, or, sql } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";
import { monthOf } from "../allowances/index.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";

const byName = [asc(sql`lower(${teams.name})`), asc(teams.id)];

/** The teams assigned to an organization (S0.9), with what each has spent of its wallet this month. */
export async function readAssignedTeams(db: Database, actor: OrganizationActor, now: Date) {
  const month = monthOf(now);
  const rows = await withOrganization(db, actor.organizationId, (tx) =>
    tx.db
      .select({
        teamId: teams.id,
        name: teams.name,
        memberCount: teams.memberCount,
        assignedAt: teams.assignedAt,
        spentMicro: teamSpending.spentMicro,
      })
      .from(teams)
      .leftJoin(
        teamSpending,
        and(
          eq(teamSpending.organizationId, tx.organizationId),
          eq(teamSpending.teamId, teams.id),
          eq(teamSpending.month, month),
        ),
      )
      .where(eq(teams.organizationId, tx.organizationId))
      .orderBy(...byName),
  );
  return {
    month: month.slice(0, 7),
    timeZone: "UTC",
    teams: rows.map((row) => ({
      ...row,
      assignedAt: row.assignedAt?.toISOString() ?? null,
      spentMicro: String(row.spentMicro ?? 0n),
    })),
  };
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
      .orderBy(...byName),
  );
  return rows;
}

/** Who is in an assigned team, with what they spent of the wallet this month and whether they are members, too. @throws not_found */
export async function readTeamPeople(
  db: Database,
  actor: OrganizationActor,
  { teamId, now }: { teamId: string; now: Date },
) {
  return withOrganization(db, actor.organizationId, async (tx) => {
    const [team] = await tx.db
      .select({ teamId: teams.id, name: teams.name })
      .from(teams)
      .where(and(eq(teams.organizationId, tx.organizationId), eq(teams.id, teamId)));
    if (!team) throw new DomainError("not_found");
    const people = await tx.db
      .select({
        userId: users.id,
        name: users.name,
        email: users.email,
        role: members.role,
        spentMicro: memberSpending.spentMicro,
      })
      .from(teamMembers)
      .innerJoin(users, eq(users.id, teamMembers.userId))
      .leftJoin(members, and(eq(members.organizationId, tx.organizationId), eq(members.userId, users.id)))
      .leftJoin(
        memberSpending,
        and(
          eq(memberSpending.organizationId, tx.organizationId),
          eq(memberSpending.memberId, users.id),
          eq(memberSpending.month, monthOf(now)),
        ),
      )
      .where(eq(teamMembers.teamId, teamId))
      .orderBy(asc(sql`lower(${users.name})`), asc(users.id));
    return { ...team, people: people.map((row) => ({ ...row, spentMicro: String(row.spentMicro ?? 0n) })) };
  });
}

/** Every team of an enterprise, and where each is assigned. */
export async function readTeamsOfEnterprise(db: Database, { enterpriseId, name, slug }: EnterpriseActor) {
  const rows = await withEnterprise(db, enterpriseId, (tx) =>
    tx.db
      .select({
        teamId: teams.id,
        name: teams.name,
        memberCount: teams.memberCount,
        organizationName: organizations.name,
        createdAt: teams.createdAt,
      })
      .from(teams)
      .leftJoin(
        organizations,
        and(eq(organizations.enterpriseId, teams.enterpriseId), eq(organizations.id, teams.organizationId)),
      )
      .where(eq(teams.enterpriseId, enterpriseId))
      .orderBy(...byName),
  );
  return { enterprise: { name, slug }, teams: rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })) };
}

/** One team of an enterprise and its people. @throws not_found */
export async function readTeam(db: Database, { enterpriseId, name, slug }: EnterpriseActor, teamId: string) {
  return withEnterprise(db, enterpriseId, async (tx) => {
    const [team] = await tx.db
      .select({ teamId: teams.id, name: teams.name, organizationName: organizations.name, createdAt: teams.createdAt })
      .from(teams)
      .leftJoin(
        organizations,
        and(eq(organizations.enterpriseId, teams.enterpriseId), eq(organizations.id, teams.organizationId)),
      )
      .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)));
    if (!team) throw new DomainError("not_found");
    const people = await tx.db
      .select({ userId: users.id, name: users.name, email: users.email, addedAt: teamMembers.createdAt })
      .from(teamMembers)
      .innerJoin(users, eq(users.id, teamMembers.userId))
      .where(and(eq(teamMembers.enterpriseId, enterpriseId), eq(teamMembers.teamId, teamId)))
      .orderBy(asc(sql`lower(${users.name})`), asc(users.id));
    return {
      ...team,
      enterprise: { name, slug },
      createdAt: team.createdAt.toISOString(),
      people: people.map((row) => ({ ...row, addedAt: row.addedAt.toISOString() })),
    };
  });
}
