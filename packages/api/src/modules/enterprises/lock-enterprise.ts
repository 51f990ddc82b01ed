import type { EnterpriseTx } from "@guildhall/db";
import { enterpriseAdmins, enterprises } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { EnterpriseActor } from "./read-enterprise.ts";

/**
 * Locks the transaction's enterprise, so that changes of its admins follow one another, and returns their ids as they stand under
 * the lock. @throws not_found when the actor is none of them (any more)
 */
export async function lockEnterpriseAs(
  tx: EnterpriseTx,
  { userId }: Pick<EnterpriseActor, "userId">,
): Promise<{ adminIds: string[] }> {
  // Not the key: organizations that are made in it meanwhile need not wait.
  await tx.db
    .select({ id: enterprises.id })
    .from(enterprises)
    .where(eq(enterprises.id, tx.enterpriseId))
    .for("no key update");
  const rows = await tx.db
    .select({ userId: enterpriseAdmins.userId })
    .from(enterpriseAdmins)
    .where(eq(enterpriseAdmins.enterpriseId, tx.enterpriseId));
  const adminIds = rows.map((row) => row.userId);
  if (!adminIds.includes(userId)) throw new DomainError("not_found");
  return { adminIds };
}
