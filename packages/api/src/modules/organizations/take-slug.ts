import type { Tx } from "@guildhall/db";
import { organizationSlugs } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";

/**
 * Takes a slug for the transaction's organization, for good: one that it had before is still its own, one that another
 * organization has or had is refused. Waits for a transaction that is taking or giving up the same slug. Returns whether
 * it is the organization's now; call it before the organization's row gets the slug.
 */
export async function takeSlug(tx: Tx, services: Pick<Services, "clock">, slug: string): Promise<boolean> {
  const { organizationId } = tx;
  const taken = await tx.db
    .insert(organizationSlugs)
    .values({ organizationId, slug, takenAt: services.clock.now() })
    .onConflictDoNothing()
    .returning({ slug: organizationSlugs.slug });
  return taken.length > 0 || (await isOwn(tx, slug));
}

async function isOwn(tx: Tx, slug: string): Promise<boolean> {
  const own = await tx.db
    .select({ slug: organizationSlugs.slug })
    .from(organizationSlugs)
    .where(and(eq(organizationSlugs.organizationId, tx.organizationId), eq(organizationSlugs.slug, slug)));
  return own.length > 0;
}
