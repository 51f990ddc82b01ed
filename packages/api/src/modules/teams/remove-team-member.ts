import { teamMembers, users } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import type { Origin, Services } from "../../trpc/context.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { type TeamScope, withTeam } from "./team-scope.ts";
import { tellTeamChange, wakeTeam } from "./tell-team-change.ts";

/**
 * Takes somebody out of a team. Where it is assigned, they cannot spend through it any more: charges under way are waited for, the
 * next one is refused. Somebody who is not in it: announces nothing. @throws not_found (the team), second_factor_required
 */
export async function removeTeamMember(
  services: Services,
  actor: EnterpriseActor,
  { teamId, userId }: { teamId: string; userId: string },
): Promise<void> {
  await withTeam(services.db, { actor, teamId }, (locked) => takeOut(services, locked, { actor, userId }));
}

/** Takes a person out of a locked team, and tells where it is assigned. Who is not in it: nothing is told. */
export async function takeOut(
  services: Services,
  locked: TeamScope,
  { actor, userId }: { actor: { userId: string; origin?: Origin | undefined }; userId: string },
): Promise<void> {
  const { scope, team } = locked;
  const [person] = await scope.db
    .select({ name: users.name, email: users.email })
    .from(users)
    .where(eq(users.id, userId));
  await wakeTeam(services, scope, team);
  const removed = await scope.db
    .delete(teamMembers)
    .where(
      and(
        eq(teamMembers.enterpriseId, team.enterpriseId),
        eq(teamMembers.teamId, team.id),
        eq(teamMembers.userId, userId),
      ),
    )
    .returning();
  if (removed.length === 0 || !person) return;
  const payload = { teamId: team.id, userId, name: person.name };
  tellTeamChange(services, locked, {
    actor,
    action: "team.member_removed",
    before: { person: person.name, email: person.email },
    announced: { type: "team.member_removed", payload },
  });
}
