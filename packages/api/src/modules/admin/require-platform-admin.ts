import type { TransactionScope } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { PlatformActor } from "./platform-actor.ts";

/** Reads again under the locks of a change whether somebody is a platform admin: they may have lost it meanwhile. @throws not_found */
export async function requirePlatformAdmin(
  { db }: Pick<TransactionScope, "db">,
  { userId }: PlatformActor,
): Promise<{ name: string }> {
  const [admin] = await db
    .select({ name: users.name })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.isPlatformAdmin, true)));
  if (!admin) throw new DomainError("not_found");
  return admin;
}
