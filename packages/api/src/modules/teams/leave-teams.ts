import type { Tx, UserTx } from "@guildhall/db";
import type { Origin, Services } from "../../trpc/context.ts";
import { takeOut } from "./remove-team-member.ts";
import { lockTeam } from "./team-scope.ts";

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
