import { withOrganization } from "@guildhall/db";
import { teams } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "../organizations/index.ts";
import { tellTeamChange, wakeTeam } from "./tell-team-change.ts";

/**
 * Ends a team's assignment (S0.11); the team stays the enterprise's. Its people cannot spend from the wallet any more: charges under
 * way are waited for, the next one is refused. Locks the organization, the team, then the wallet. A team that is assigned to none
 * is left as it is. @throws not_found, forbidden
 */
export async function removeTeam(
  services: Services,
  actor: OrganizationActor,
  { teamId }: { teamId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    const { enterpriseId } = await lockOrganizationAs(tx, actor, "teams.assign");
    const [team] = await tx.db
      .select()
      .from(teams)
      .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)))
      .for("update");
    if (!team || (team.organizationId !== null && team.organizationId !== tx.organizationId)) {
      throw new DomainError("not_found", {}, "This team is not assigned to the organization.");
    }
    if (team.organizationId === null) return;
    // Before the update: after it the organization does not see the team's people.
    await wakeTeam(services, tx, team);
    await tx.db
      .update(teams)
      .set({ organizationId: null, assignedAt: null })
      .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)));
    tellTeamChange(
      services,
      { scope: tx, tx, team },
      {
        actor,
        action: "team.removed",
        before: { memberCount: team.memberCount, assignedAt: team.assignedAt },
        announced: { type: "team.removed", payload: { teamId, name: team.name } },
      },
    );
  });
}
