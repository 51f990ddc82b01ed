import { normalizeEmail } from "@guildhall/auth";
import { type EnterpriseTx, withEnterprise } from "@guildhall/db";
import { enterpriseAdmins, organizations, teams, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNull } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { lockEnterpriseAs } from "./lock-enterprise.ts";
import type { EnterpriseActor } from "./read-enterprise.ts";
import { tellAdminChange } from "./tell-admin-change.ts";

/**
 * Makes somebody who has an account an admin of the enterprise, by their e-mail. Where mail is delivered the address has to be
 * verified, or whoever signed up with somebody else's would be let in. Locks the enterprise. An admin already: changes nothing.
 * @throws not_found, too_many_attempts, second_factor_required, unknown_person (also for an address that is not verified)
 */
export async function addEnterpriseAdmin(
  services: Services,
  actor: EnterpriseActor,
  { email }: { email: string },
): Promise<{ name: string; isNew: boolean }> {
  const { enterpriseId } = actor;
  await services.loginLimits.beginLookup({ userId: actor.userId });
  return withEnterprise(services.db, enterpriseId, async (tx) => {
    const { adminIds } = await lockEnterpriseAs(tx, actor);
    await assertHasRequiredFactor(tx, actor);
    const person = await lockPerson(tx, services, email);
    if (adminIds.includes(person.id)) return { name: person.name, isNew: false };
    const createdAt = services.clock.now();
    await tx.db.insert(enterpriseAdmins).values({ enterpriseId, userId: person.id, createdAt });
    tellAdminChange(tx, services, { actor, action: "enterprise.admin_added", person, adminIds });
    return { name: person.name, isNew: true };
  });
}

/**
 * Whoever is kept from the teams of an organization that requires a second factor must not send a second account of theirs, which
 * has one, in their place. @throws second_factor_required
 */
async function assertHasRequiredFactor({ db, enterpriseId }: EnterpriseTx, { userId }: EnterpriseActor): Promise<void> {
  const [strict] = await db
    .select({ name: organizations.name })
    .from(teams)
    .innerJoin(organizations, eq(organizations.id, teams.organizationId))
    .innerJoin(users, and(eq(users.id, userId), isNull(users.secondFactorSince)))
    .where(and(eq(teams.enterpriseId, enterpriseId), eq(organizations.requiresSecondFactor, true)))
    .limit(1);
  if (!strict) return;
  const message = `A team of this enterprise spends for ${strict.name}, which requires a second factor. Set one up under Settings > Security, then try again.`;
  throw new DomainError("second_factor_required", {}, message);
}

/** Locked, so that nobody becomes an admin whose account is deleted in the same instant. */
async function lockPerson(tx: EnterpriseTx, { mailDelivery }: Services, email: string) {
  const [person] = await tx.db
    .select({ id: users.id, name: users.name, email: users.email, emailVerifiedAt: users.emailVerifiedAt })
    .from(users)
    .where(eq(users.email, normalizeEmail(email)))
    .for("key share");
  const isProved = mailDelivery === "off" || person?.emailVerifiedAt;
  if (!person || !isProved) throw new DomainError("unknown_person", { field: "email" });
  return person;
}
