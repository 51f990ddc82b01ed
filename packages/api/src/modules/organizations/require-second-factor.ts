import { type Tx, withOrganization } from "@guildhall/db";
import { members, organizations, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, asc, eq, isNull } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "./lock-organization.ts";
import { wakeRoster } from "./wake-roster.ts";

/**
 * Requires a second factor of all members, or no longer. Members without one are kept out from the next call on, and their
 * open streams end with this transaction. Locks the organization, then its members' persons: whoever removes a factor at the
 * same time is either counted here, or finds the requirement. The same again announces nothing.
 * @throws second_factor_missing when the owner who asks for it has none
 */
export async function requireSecondFactor(
  services: Services,
  actor: OrganizationActor,
  { isRequired }: { isRequired: boolean },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    const organization = await lockOrganizationAs(tx, actor, "organization.secure");
    if (organization.requiresSecondFactor === isRequired) return;
    const lacking = isRequired ? await lockMembersWithout(tx) : [];
    if (lacking.includes(actor.userId)) throw new DomainError("second_factor_missing");
    await tx.db
      .update(organizations)
      .set({ requiresSecondFactor: isRequired })
      .where(eq(organizations.id, tx.organizationId));
    recordAudit(tx, services, {
      actor,
      action: "organization.second_factor_changed",
      subject: { kind: "organization", id: tx.organizationId, label: organization.name },
      before: { isRequired: !isRequired },
      after: { isRequired },
    });
    const { userId: actorId } = actor;
    announce(tx, services, { actorId, event: { type: "organization.second_factor_changed", payload: { isRequired } } });
    for (const userId of lacking)
      announce(tx, services, { actorId, audience: [], event: { type: "member.suspended", payload: { userId } } });
    // Who is let in again has no stream that could tell.
    await wakeRoster(tx, services);
  });
}

/** What an owner has to know before requiring a second factor: how many members have none, and whether they are one of them. */
export async function readSecondFactorGap(
  { db }: Pick<Services, "db">,
  actor: OrganizationActor,
): Promise<{ lackingCount: number; isOwnMissing: boolean }> {
  const lacking = await withOrganization(db, actor.organizationId, (tx) =>
    tx.db
      .select({ userId: users.id })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(and(eq(members.organizationId, tx.organizationId), isNull(users.secondFactorSince))),
  );
  return { lackingCount: lacking.length, isOwnMissing: lacking.some(({ userId }) => userId === actor.userId) };
}

/** The members who have no second factor; until the commit none of the others can give theirs up. */
async function lockMembersWithout(tx: Tx): Promise<string[]> {
  const roster = await tx.db
    .select({ userId: users.id, since: users.secondFactorSince })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(members.organizationId, tx.organizationId))
    .orderBy(asc(users.id))
    .for("share", { of: users });
  return roster.filter(({ since }) => since === null).map(({ userId }) => userId);
}
