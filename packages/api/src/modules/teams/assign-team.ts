import { type Tx, withOrganization } from "@guildhall/db";
import { teams } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNull } from "drizzle-orm";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "../organizations/index.ts";
import type { Team } from "./team-scope.ts";
import { tellTeamChange, wakeTeam } from "./tell-team-change.ts";

/**
 * Assigns a team of the organization's enterprise (S0.10): from now on its people may spend the wallet's credits, under the spend
 * policy (S0.12). A team is assigned to at most one organization: of two who take it at once, one gets it. Locks the organization,
 * then the team. Assigned here already: announces nothing.
 * @throws not_found, forbidden, team_assigned_elsewhere, organization_inactive (archived)
 */
export async function assignTeam(
  services: Services,
  actor: OrganizationActor,
  { teamId }: { teamId: string },
): Promise<{ name: string }> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const { enterpriseId } = await lockOrganizationAs(tx, actor, "teams.assign");
    const taken = await takeTeam(tx, { enterpriseId, teamId, assignedAt: services.clock.now() });
    if (!taken) return { name: await readNameIfOwn(tx, { enterpriseId, teamId }) };
    tellTeamChange(
      services,
      { scope: tx, tx, team: taken },
      {
        actor,
        action: "team.assigned",
        after: { memberCount: taken.memberCount },
        announced: { type: "team.assigned", payload: { teamId, name: taken.name } },
      },
    );
    await wakeTeam(services, tx, taken);
    return { name: taken.name };
  });
}

/** Whoever comes second waits for the row, and then finds it taken. */
async function takeTeam(
  tx: Tx,
  { enterpriseId, teamId, assignedAt }: { enterpriseId: string; teamId: string; assignedAt: Date },
): Promise<Team | undefined> {
  const [team] = await tx.db
    .update(teams)
    .set({ organizationId: tx.organizationId, assignedAt })
    .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId), isNull(teams.organizationId)))
    .returning();
  return team;
}

async function readNameIfOwn(
  tx: Tx,
  { enterpriseId, teamId }: { enterpriseId: string; teamId: string },
): Promise<string> {
  const [team] = await tx.db
    .select({ name: teams.name, organizationId: teams.organizationId })
    .from(teams)
    .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)));
  if (!team) throw new DomainError("not_found", {}, "There is no such team in this enterprise.");
  if (team.organizationId !== tx.organizationId) throw new DomainError("team_assigned_elsewhere");
  return team.name;
}
