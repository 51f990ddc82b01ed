import type { TransactionScope } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { PlatformActor } from "./platform-actor.ts";

/**
 * Reads again under the locks of a change whether somebody is a platform admin, and has a second factor: they may have lost
 * either meanwhile. @throws not_found
 */
export async function requirePlatformAdmin(
  { db }: Pick<TransactionScope, "db">,
  { userId }: PlatformActor,
): Promise<{ name: string; hasSecondFactor: boolean }> {
  const [admin] = await db
    .select({ name: users.name, since: users.secondFactorSince })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.isPlatformAdmin, true)));
  if (!admin) throw new DomainError("not_found");
  return { name: admin.name, hasSecondFactor: admin.since !== null };
}
