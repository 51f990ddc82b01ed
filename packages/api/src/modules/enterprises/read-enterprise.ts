import type { Database } from "@guildhall/db";
import { enterpriseAdmins, enterprises } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import type { Origin } from "../../trpc/context.ts";

/** An enterprise as seen by one of its admins. */
export interface EnterpriseActor {
  userId: string;
  enterpriseId: string;
  name: string;
  slug: string;
  origin?: Origin | undefined;
}

/** Reads an enterprise that a person administers. Undefined for a stranger as for one that does not exist. */
export async function readEnterprise(db: Database, userId: string, slug: string): Promise<EnterpriseActor | undefined> {
  const [row] = await db.drizzle
    .select({ enterpriseId: enterprises.id, name: enterprises.name, slug: enterprises.slug })
    .from(enterprises)
    .innerJoin(
      enterpriseAdmins,
      and(eq(enterpriseAdmins.enterpriseId, enterprises.id), eq(enterpriseAdmins.userId, userId)),
    )
    .where(eq(enterprises.slug, slug));
  return row && { userId, ...row };
}
