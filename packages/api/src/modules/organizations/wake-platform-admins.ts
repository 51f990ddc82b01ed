import type { TransactionScope } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";

/** After the commit, tells platform admins that their list of all organizations looks different now. They are few. */
export async function wakePlatformAdmins(tx: TransactionScope, services: Services): Promise<void> {
  const admins = await tx.db.select({ id: users.id }).from(users).where(eq(users.isPlatformAdmin, true));
  tx.afterCommit(() => {
    for (const { id } of admins) services.bus.touchPerson(id);
  });
}
