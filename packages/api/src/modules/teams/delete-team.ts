import { teams } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { withTeam } from "./team-scope.ts";
import { tellTeamChange, wakeTeam } from "./tell-team-change.ts";

/**
 * Deletes a team for good; its people stay what they are, and what it spent stays in the ledger. Where it was assigned, its people
 * cannot spend any more from the next charge on. Needs the name typed, so that nobody deletes another team than they mean.
 * @throws not_found, second_factor_required, invalid_input
 */
export async function deleteTeam(
  services: Services,
  actor: EnterpriseActor,
  { teamId, typedName }: { teamId: string; typedName: string },
): Promise<void> {
  const { enterpriseId } = actor;
  await withTeam(services.db, { actor, teamId }, async (locked) => {
    const { scope, team } = locked;
    if (typedName.trim() !== team.name) {
      throw new DomainError("invalid_input", { field: "typedName" }, `Type the team’s name, ${team.name}.`);
    }
    await wakeTeam(services, scope, team);
    await scope.db.delete(teams).where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)));
    tellTeamChange(services, locked, {
      actor,
      action: "team.deleted",
      before: { name: team.name, memberCount: team.memberCount },
      announced: { type: "team.removed", payload: { teamId, name: team.name } },
    });
  });
}
