import { type Database, withOrganization } from "@guildhall/db";
import { events, heads, members, organizations } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, asc, eq, gt, sql } from "drizzle-orm";
import { isSuspended } from "../organizations/index.ts";
import type { Standing } from "./audience-policy.ts";

/**
 * Reads a person's role together with how far the log has come, in one statement and so of one instant: a change of role
 * and its event are committed together, hence each is either in the role or after the sequence. Undefined for a stranger.
 * @throws second_factor_required for a member who is kept out
 */
export async function readStanding(
  db: Database,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<Standing | undefined> {
  const [row] = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({
        role: members.role,
        isSuspended: isSuspended(members.userId),
        asOf: sql<string>`coalesce(${heads.sequence}, 0)::text`,
      })
      .from(members)
      .innerJoin(organizations, eq(organizations.id, members.organizationId))
      .leftJoin(heads, eq(heads.organizationId, members.organizationId))
      .where(and(eq(members.organizationId, organizationId), eq(members.userId, userId))),
  );
  if (row?.isSuspended) throw new DomainError("second_factor_required");
  return row && { userId, role: row.role, asOf: BigInt(row.asOf) };
}

/**
 * Says whether what follows a sequence was written before the person became a member: then it is not theirs to read, and they
 * are told to begin anew. The log goes by time, so its next event tells. One row by its key.
 */
export async function isBeforeJoining(
  db: Database,
  { organizationId, userId }: { organizationId: string; userId: string },
  after: bigint,
): Promise<boolean> {
  const [next] = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({ isBefore: sql<boolean>`${events.createdAt} < ${members.createdAt}` })
      .from(events)
      .innerJoin(members, and(eq(members.organizationId, events.organizationId), eq(members.userId, userId)))
      .where(and(eq(events.organizationId, organizationId), gt(events.sequence, after)))
      .orderBy(asc(events.sequence))
      .limit(1),
  );
  return next?.isBefore ?? false;
}
