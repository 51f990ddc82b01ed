import { teams } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { withTeam } from "./team-scope.ts";
import { tellTeamChange, wakeTeam } from "./tell-team-change.ts";

/** Gives a team another name. The same name again announces nothing. @throws not_found, second_factor_required, name_taken */
export async function renameTeam(
  services: Services,
  actor: EnterpriseActor,
  { teamId, name }: { teamId: string; name: string },
): Promise<void> {
  const { enterpriseId } = actor;
  await withTeam(services.db, { actor, teamId }, async (locked) => {
    const { scope, team } = locked;
    if (team.name === name) return;
    await scope.db
      .update(teams)
      .set({ name })
      .where(and(eq(teams.enterpriseId, enterpriseId), eq(teams.id, teamId)));
    tellTeamChange(services, locked, {
      actor,
      action: "team.renamed",
      before: { name: team.name },
      after: { name },
      announced: { type: "team.renamed", payload: { teamId, name } },
    });
    await wakeTeam(services, scope, team);
  }).catch(asNameTaken);
}

const UNIQUE_VIOLATION = "23505";

/** Two who choose one name at once: only the index knows. */
function asNameTaken(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && cause.code === UNIQUE_VIOLATION) {
      throw new DomainError("name_taken", { field: "name" }, "A team of this enterprise has this name already.");
    }
  }
  throw error;
}
