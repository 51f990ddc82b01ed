import type { Tx, UserTx } from "@guildhall/db";
import { enterpriseAdmins, teamMembers } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import type { PersonAuditRecord } from "../../record-audit.ts";
import type { Origin, Services } from "../../trpc/context.ts";
import { takeOut } from "./remove-team-member.ts";
import { lockTeam } from "./team-scope.ts";
import { wakeTeam } from "./tell-team-change.ts";

/** A team that a person is in, and where it is assigned. */
export interface OwnTeam {
  enterpriseId: string;
  teamId: string;
  organizationId: string | null;
}

/** The ids of the organizations that a person's teams are assigned to, as they are now. */
export async function readOrganizationsOfTeams(person: UserTx): Promise<string[]> {
  const rows = await person.sql<{ id: string }[]>`
    SELECT DISTINCT organization_id AS id FROM ways_to_spend() WHERE team_id IS NOT NULL AND organization_id IS NOT NULL`;
  return rows.map(({ id }) => id);
}

/** A person's teams, in every enterprise, locked: none is assigned elsewhere before the commit. */
export async function lockOwnTeams(person: UserTx): Promise<OwnTeam[]> {
  return person.sql<OwnTeam[]>`
    SELECT enterprise_id AS "enterpriseId", team_id AS "teamId", organization_id AS "organizationId" FROM lock_own_teams()`;
}

/** The ids of a person's teams as they are now, without a lock. */
export async function readOwnTeamIds(person: UserTx): Promise<string[]> {
  const rows = await person.sql<{ id: string }[]>`
    SELECT team_id AS id FROM ways_to_spend() WHERE team_id IS NOT NULL`;
  return rows.map(({ id }) => id);
}

/**
 * Takes a person out of those of their teams that are assigned to the transaction's organization, as their enterprise would: it
 * stands in the log and the audit log. Call it with the organization and the teams locked.
 */
export async function leaveAssignedTeams(
  tx: Tx,
  services: Services,
  { actor, teams }: { actor: { userId: string; origin?: Origin | undefined }; teams: OwnTeam[] },
): Promise<void> {
  for (const { enterpriseId, teamId } of teams.filter((team) => team.organizationId === tx.organizationId)) {
    await tx.sql`SELECT set_config('app.enterprise_id', ${enterpriseId}, true)`;
    const team = await lockTeam(tx, { enterpriseId, teamId });
    await takeOut(services, { scope: tx, team, tx }, { actor, userId: actor.userId });
    await tx.sql`SELECT set_config('app.enterprise_id', '', true)`;
  }
}

/**
 * Takes a person out of those of their teams that are assigned to no organization. These have no log: the open pages of the
 * enterprise's admins are told, and what is answered is to be recorded, in the person's own audit log and in those of the admins.
 * Call it with the teams locked, by lockOwnTeams.
 */
export async function leaveFreeTeams(
  person: UserTx,
  services: Services,
  { actor, teams }: { actor: { userId: string; name: string; email: string }; teams: OwnTeam[] },
): Promise<PersonAuditRecord[]> {
  const records: PersonAuditRecord[] = [];
  const { userId, name, email } = actor;
  for (const { enterpriseId, teamId } of teams.filter((team) => team.organizationId === null)) {
    await person.sql`SELECT set_config('app.enterprise_id', ${enterpriseId}, true)`;
    const team = await lockTeam(person, { enterpriseId, teamId });
    await wakeTeam(services, person, team);
    const admins = await person.db
      .select({ userId: enterpriseAdmins.userId })
      .from(enterpriseAdmins)
      .where(eq(enterpriseAdmins.enterpriseId, enterpriseId));
    const isThem = and(eq(teamMembers.teamId, teamId), eq(teamMembers.userId, userId));
    await person.db.delete(teamMembers).where(and(eq(teamMembers.enterpriseId, enterpriseId), isThem));
    await person.sql`SELECT set_config('app.enterprise_id', '', true)`;
    for (const chain of new Set([userId, ...admins.map((admin) => admin.userId)])) {
      records.push({
        // Not whence: where somebody was when they left is nothing for the admins' own logs.
        ...{ userId: chain, actor: { userId }, action: "team.member_removed" },
        subject: { kind: "team", id: teamId, label: team.name },
        before: { person: name, email },
      });
    }
  }
  return records;
}
