import { organizations, users } from "@guildhall/db/schema";
import { type AnyColumn, type SQL, sql } from "drizzle-orm";

/**
 * Says of a member, in a query that has the organization's row, whether they are kept out for want of a second factor. Looks at
 * the person only where the organization requires one.
 */
export function isSuspended(userId: AnyColumn): SQL<boolean> {
  return sql<boolean>`CASE WHEN ${organizations.requiresSecondFactor} THEN NOT EXISTS (
    SELECT FROM ${users} WHERE ${users.id} = ${userId} AND ${users.secondFactorSince} IS NOT NULL) ELSE false END`;
}
