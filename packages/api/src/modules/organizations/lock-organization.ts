import { can, type Permission } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { members, organizations } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { OrganizationActor } from "../../trpc/context.ts";

/**
 * Locks the transaction's organization row: the first lock of every verb that changes the roster or the organization,
 * so that such verbs follow one another. @throws not_found
 */
export async function lockOrganization(tx: Tx): Promise<typeof organizations.$inferSelect> {
  const [row] = await tx.db.select().from(organizations).where(eq(organizations.id, tx.organizationId)).for("update");
  if (!row) throw new DomainError("not_found");
  return row;
}

/**
 * Locks the organization and reads under the lock whether the actor still holds the permission: between the call's first look
 * and the lock somebody may have been demoted or removed. An inactive organization only cannot spend; one that is archived or about to
 * be deleted is read-only (C6). @throws not_found, forbidden, organization_inactive
 */
export async function lockOrganizationAs(
  tx: Tx,
  actor: Pick<OrganizationActor, "userId">,
  permission: Permission,
): Promise<typeof organizations.$inferSelect> {
  const organization = await lockOrganization(tx);
  const [member] = await tx.db
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.organizationId, tx.organizationId), eq(members.userId, actor.userId)));
  if (!member) throw new DomainError("not_found");
  if (!can(member.role, permission)) throw new DomainError("forbidden", { role: member.role, permission });
  assertWritable(organization);
  return organization;
}

/** For verbs that lock by another right than a permission. @throws organization_inactive when it is read-only (C6) */
export function assertWritable({ status }: Pick<typeof organizations.$inferSelect, "status">): void {
  if (status === "active" || status === "inactive") return;
  const message = "The organization is read-only, so nothing can be changed in it. An owner can restore it.";
  throw new DomainError("organization_inactive", { status }, message);
}
