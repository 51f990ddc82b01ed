import { type Database, withEnterprise } from "@guildhall/db";
import { creditTypes, enterpriseAdmins, enterprises, users } from "@guildhall/db/schema";
import { asc, eq, sql } from "drizzle-orm";

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

/** Who administers an enterprise, by name. */
export async function readAdmins(db: Database, enterpriseId: string) {
  const rows = await db.drizzle
    .select({ userId: users.id, name: users.name, email: users.email, addedAt: enterpriseAdmins.createdAt })
    .from(enterpriseAdmins)
    .innerJoin(users, eq(users.id, enterpriseAdmins.userId))
    .where(eq(enterpriseAdmins.enterpriseId, enterpriseId))
    .orderBy(asc(sql`lower(${users.name})`), asc(users.id));
  return rows.map((row) => ({ ...row, addedAt: row.addedAt.toISOString() }));
}
