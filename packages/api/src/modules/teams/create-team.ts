import { type EnterpriseTx, withEnterprise } from "@guildhall/db";
import { teams } from "@guildhall/db/schema";
import { hashToUuid } from "@guildhall/ledger";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { assertAdministers, type Team } from "./team-scope.ts";
import { tellTeamChange, wakeTeam } from "./tell-team-change.ts";

/**
 * Makes a team of the enterprise, with nobody in it and assigned to none. Idempotent: the id is derived from enterprise and key.
 * @throws not_found, name_taken, idempotency_conflict
 */
export async function createTeam(
  services: Services,
  actor: EnterpriseActor,
  { name, idempotencyKey }: { name: string; idempotencyKey: string },
): Promise<{ teamId: string }> {
  const { enterpriseId } = actor;
  const teamId = hashToUuid(`team:${enterpriseId}:${idempotencyKey}`);
  return withEnterprise(services.db, enterpriseId, async (tx) => {
    await assertAdministers(tx, actor);
    const [team] = await tx.db
      .insert(teams)
      .values({ enterpriseId, id: teamId, name, createdAt: services.clock.now() })
      .onConflictDoNothing()
      .returning();
    if (!team) return sameRequest(await readTeam(tx, teamId), name);
    tellTeamChange(services, { scope: tx, team, tx: undefined }, { actor, action: "team.created", after: { name } });
    await wakeTeam(services, tx, team);
    return { teamId };
  });
}

async function readTeam(tx: EnterpriseTx, teamId: string): Promise<Team | undefined> {
  const [team] = await tx.db
    .select()
    .from(teams)
    .where(and(eq(teams.enterpriseId, tx.enterpriseId), eq(teams.id, teamId)));
  return team;
}

function sameRequest(made: Team | undefined, name: string): { teamId: string } {
  if (!made) throw new DomainError("name_taken", { field: "name" }, "A team of this enterprise has this name already.");
  if (made.name !== name) throw new DomainError("idempotency_conflict");
  return { teamId: made.id };
}
