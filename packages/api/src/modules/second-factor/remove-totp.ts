import { totpFactors } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { changeFactors } from "./change-factors.ts";
import type { SignedInPerson } from "./signed-in-person.ts";

/**
 * Takes the app away as a factor. With the last factor the recovery codes go, and organizations that require one keep the
 * person out. Twice is the same as once. @throws confirmation_required
 */
export async function removeTotp(services: Services, person: SignedInPerson): Promise<void> {
  await changeFactors(services, person, async (tx) => {
    const removed = await tx.db.delete(totpFactors).where(eq(totpFactors.userId, tx.userId)).returning();
    return removed.length > 0 ? { change: "totp_removed" } : null;
  });
}
