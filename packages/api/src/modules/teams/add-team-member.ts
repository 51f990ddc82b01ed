import { normalizeEmail } from "@guildhall/auth";
import type { TransactionScope } from "@guildhall/db";
import { teamMembers, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNotNull, isNull } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { EnterpriseActor } from "../enterprises/index.ts";
import { withTeam } from "./team-scope.ts";
import { tellTeamChange, wakeTeam } from "./tell-team-change.ts";

/**
 * Puts somebody who has an account into a team, by their e-mail. If it is assigned, they may spend that organization's credits from
 * now on, without being a member of it. Somebody who is in it already: announces nothing. The answer names a
 * person, so who has not proved the address is as unknown as nobody wherever mail could prove it, and each asker is limited.
 * @throws not_found, second_factor_required, unknown_person, too_many_attempts
 */
export async function addTeamMember(
  services: Services,
  actor: EnterpriseActor,
  { teamId, email }: { teamId: string; email: string },
): Promise<{ name: string; isNew: boolean }> {
  const { enterpriseId } = actor;
  await services.loginLimits.beginLookup({ userId: actor.userId });
  return withTeam(services.db, { actor, teamId }, async (locked) => {
    const { scope, team } = locked;
    const person = await findPerson(scope, services, email);
    const added = await scope.db
      .insert(teamMembers)
      .values({ enterpriseId, teamId, userId: person.id, createdAt: services.clock.now() })
      .onConflictDoNothing()
      .returning();
    if (added.length === 0) return { name: person.name, isNew: false };
    const payload = { teamId, userId: person.id, name: person.name };
    tellTeamChange(services, locked, {
      actor,
      action: "team.member_added",
      after: { person: person.name, email: person.email },
      announced: { type: "team.member_added", payload },
    });
    await wakeTeam(services, scope, team);
    return { name: person.name, isNew: true };
  });
}

/** Locks the person's row: who is deleting their account is waited for, and then unknown. */
async function findPerson({ db }: TransactionScope, { mailDelivery }: Services, email: string) {
  const isProved = mailDelivery === "off" ? undefined : isNotNull(users.emailVerifiedAt);
  const [person] = await db
    .select({ id: users.id, name: users.name, email: users.email })
    .from(users)
    .where(and(eq(users.email, normalizeEmail(email)), isNull(users.deletedAt), isProved))
    .for("key share");
  if (!person) throw new DomainError("unknown_person", { field: "email" });
  return person;
}
