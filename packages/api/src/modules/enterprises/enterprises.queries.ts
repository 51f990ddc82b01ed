import { type Database, withEnterprise } from "@guildhall/db";
import { creditTypes, enterpriseAdmins, enterprises } from "@guildhall/db/schema";
import { asc, eq } from "drizzle-orm";

/** The enterprises that a person administers, by name. */
export async function readAdministered(db: Database, userId: string) {
  return db.drizzle
    .select({ slug: enterprises.slug, name: enterprises.name })
    .from(enterprises)
    .innerJoin(enterpriseAdmins, eq(enterpriseAdmins.enterpriseId, enterprises.id))
    .where(eq(enterpriseAdmins.userId, userId))
    .orderBy(asc(enterprises.name));
}

/** The types of credits that an enterprise has made, by name. */
export async function readCreditTypes(db: Database, enterpriseId: string) {
  const rows = await withEnterprise(db, enterpriseId, (tx) =>
    tx.db.select().from(creditTypes).where(eq(creditTypes.enterpriseId, enterpriseId)).orderBy(asc(creditTypes.name)),
  );
  return rows.map(({ id, name, currency, microPerMinorUnit, createdAt }) => ({
    creditTypeId: id,
    name,
    currency,
    microPerMinorUnit: String(microPerMinorUnit),
    createdAt: createdAt.toISOString(),
  }));
}
