import { type Database, withUser } from "@guildhall/db";
import { members, organizations } from "@guildhall/db/schema";
import { and, eq, ne } from "drizzle-orm";
import type { OrganizationActor, User } from "../../trpc/context.ts";

/**
 * Reads what a person is in an organization, by its slug. Undefined for a stranger and for an organization that does
 * not exist: the two look the same. Sees one row through the person's own memberships.
 */
export async function readActor(db: Database, user: User, slug: string): Promise<OrganizationActor | undefined> {
  const [row] = await withUser(db, user.id, (tx) =>
    tx.db
      .select({
        organizationId: organizations.id,
        slug: organizations.slug,
        status: organizations.status,
        role: members.role,
      })
      .from(organizations)
      .innerJoin(members, and(eq(members.organizationId, organizations.id), eq(members.userId, user.id)))
      .where(and(eq(organizations.slug, slug), ne(organizations.status, "pending_deletion"))),
  );
  return row && { userId: user.id, name: user.name, email: user.email, ...row };
}
