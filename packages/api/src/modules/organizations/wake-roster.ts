import type { Tx } from "@guildhall/db";
import { members } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";

/** After the commit, tells everybody in the roster that their list of organizations looks different now. */
export async function wakeRoster(tx: Tx, services: Services): Promise<void> {
  const roster = await tx.db
    .select({ userId: members.userId })
    .from(members)
    .where(eq(members.organizationId, tx.organizationId));
  tx.afterCommit(() => {
    for (const { userId } of roster) services.bus.touchPerson(userId);
  });
}
