import { type Database, type UserTx, withUser } from "@guildhall/db";
import { members, organizationSlugs, organizations } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, inArray, ne, type SQL } from "drizzle-orm";
import type { CallingUser, OrganizationActor } from "../../trpc/context.ts";
import { isSuspended } from "./second-factor-requirement.ts";

/**
 * Reads what a person is in an organization, by its slug or by one that it had before (S3.8); the actor carries the
 * current one. Undefined for a stranger and for an organization that does not exist: the two look the same. Sees one row
 * through the person's own memberships.
 * @throws second_factor_required for a member who has none where the organization requires one
 */
export async function readActor(db: Database, user: CallingUser, slug: string): Promise<OrganizationActor | undefined> {
  return withUser(db, user.id, async (tx) => {
    const row =
      (await readMembership(tx, eq(organizations.slug, slug))) ??
      (await readMembership(tx, inArray(organizations.id, havingHad(tx, slug))));
    if (!row) return undefined;
    const { isSuspended, ...membership } = row;
    if (isSuspended) throw new DomainError("second_factor_required");
    return { userId: user.id, name: user.name, email: user.email, origin: user.origin, ...membership };
  });
}

async function readMembership(tx: UserTx, isNamed: SQL) {
  const [row] = await tx.db
    .select({
      organizationId: organizations.id,
      slug: organizations.slug,
      status: organizations.status,
      role: members.role,
      isSuspended: isSuspended(members.userId),
    })
    .from(organizations)
    .innerJoin(members, and(eq(members.organizationId, organizations.id), eq(members.userId, tx.userId)))
    .where(and(isNamed, ne(organizations.status, "pending_deletion")));
  return row;
}

/** Asked only when no current slug matches, so calls about an organization that has not moved cost nothing more. */
function havingHad(tx: UserTx, slug: string) {
  return tx.db
    .select({ id: organizationSlugs.organizationId })
    .from(organizationSlugs)
    .where(eq(organizationSlugs.slug, slug));
}
