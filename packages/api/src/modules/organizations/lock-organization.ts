import type { Tx } from "@guildhall/db";
import { organizations } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";

/**
 * Locks the transaction's organization row: the first lock of every verb that changes the roster or the organization,
 * so that such verbs follow one another. @throws not_found
 */
export async function lockOrganization(tx: Tx): Promise<typeof organizations.$inferSelect> {
  const [row] = await tx.db.select().from(organizations).where(eq(organizations.id, tx.organizationId)).for("update");
  if (!row) throw new DomainError("not_found");
  return row;
}
