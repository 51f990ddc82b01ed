import type { Role } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { members, users } from "@guildhall/db/schema";
import { and, count, eq, type SQL } from "drizzle-orm";
import type { RosterFacts } from "./role-policy.ts";

/** Reads what a decision about one member needs. Call it under the organization's lock, else it is already history. */
export async function readRosterFacts(tx: Tx, actorId: string, targetId: string): Promise<RosterFacts> {
  const [owners] = await tx.db
    .select({ count: count() })
    .from(members)
    .where(and(eq(members.organizationId, tx.organizationId), eq(members.role, "owner")));
  return {
    actorRole: await readRole(tx, actorId),
    targetRole: await readRole(tx, targetId),
    ownerCount: owners?.count ?? 0,
  };
}

/** The row of one person in the transaction's roster. The filter is the first wall, row-level security the second. */
export function isMember(tx: Tx, userId: string): SQL | undefined {
  return and(eq(members.organizationId, tx.organizationId), eq(members.userId, userId));
}

/** The role of a person in the transaction's organization; undefined for a stranger. */
export async function readRole(tx: Tx, userId: string): Promise<Role | undefined> {
  const [row] = await tx.db.select({ role: members.role }).from(members).where(isMember(tx, userId));
  return row?.role;
}

/** The name a person goes by. */
export async function readName(tx: Tx, userId: string): Promise<string> {
  const [row] = await tx.db.select({ name: users.name }).from(users).where(eq(users.id, userId));
  return row?.name ?? "";
}
