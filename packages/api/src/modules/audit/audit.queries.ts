import { deviceName } from "@guildhall/auth";
import { type Database, type TransactionScope, withOrganization, withUser } from "@guildhall/db";
import { auditEntries } from "@guildhall/db/schema";
import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { AuditFilters } from "./audit-filters.ts";

/** An entry as pages and files show it. Times are ISO texts, sequences decimal texts, the hash 64 hex digits. */
export type AuditLogEntry = ReturnType<typeof toEntry>;

/** A page of an audit log. */
export interface AuditPage {
  items: AuditLogEntry[];
  /** Where the next, older page begins; null at the end. */
  nextCursor: string | null;
}

type PageRequest = AuditFilters & { cursor?: string | undefined; limit: number };

/** A page of an organization's audit log, newest first, by keyset: entries made meanwhile move nothing. */
export function listAudit(db: Database, organizationId: string, page: PageRequest): Promise<AuditPage> {
  return withOrganization(db, organizationId, (tx) => readPage(tx, organizationId, page));
}

/** A page of what a person changed about themselves and their devices, newest first. Theirs alone to read. */
export function listOwnAudit(db: Database, userId: string, page: PageRequest): Promise<AuditPage> {
  return withUser(db, userId, (tx) => readPage(tx, userId, page));
}

async function readPage({ db }: TransactionScope, scopeId: string, page: PageRequest): Promise<AuditPage> {
  const rows = await db
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.scopeId, scopeId), ...conditionsOf(page)))
    .orderBy(desc(auditEntries.sequence))
    .limit(page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return { items: shown.map(toEntry), nextCursor: last ? String(last.sequence) : null };
}

function conditionsOf({ actor, kind, from, to, cursor }: PageRequest): (SQL | undefined)[] {
  return [
    cursor === undefined ? undefined : lt(auditEntries.sequence, BigInt(cursor)),
    actor === undefined ? undefined : eq(auditEntries.actorId, actor),
    // As the index has it.
    kind === undefined ? undefined : sql`split_part(${auditEntries.action}, '.', 1) = ${kind}`,
    from === undefined ? undefined : gte(auditEntries.at, new Date(from)),
    to === undefined ? undefined : lt(auditEntries.at, new Date(to)),
  ];
}

/** More people than a list to choose from can hold; whoever is beyond is still found by the address of the page. */
const MOST_PEOPLE = 500;

/** Everybody who stands in an organization's audit log as actor, by name: also those who have left. */
export async function listAuditActors(db: Database, organizationId: string) {
  // Leaps from person to person along the index; a DISTINCT would read the whole log.
  const rows = await withOrganization(
    db,
    organizationId,
    (tx) =>
      tx.sql<{ user_id: string; name: string | null }[]>`
        WITH RECURSIVE actors AS (
          (SELECT actor_id FROM audit.entries
            WHERE scope_id = ${organizationId} AND actor_id IS NOT NULL ORDER BY actor_id LIMIT 1)
          UNION ALL
          SELECT (SELECT e.actor_id FROM audit.entries e
                   WHERE e.scope_id = ${organizationId} AND e.actor_id > a.actor_id ORDER BY e.actor_id LIMIT 1)
            FROM actors a WHERE a.actor_id IS NOT NULL
        )
        SELECT a.actor_id AS user_id,
               (SELECT e.actor_name FROM audit.entries e
                 WHERE e.scope_id = ${organizationId} AND e.actor_id = a.actor_id
                 ORDER BY e.sequence DESC LIMIT 1) AS name
          FROM actors a WHERE a.actor_id IS NOT NULL LIMIT ${MOST_PEOPLE}`,
  );
  const people = rows.map(({ user_id: userId, name }) => ({ userId, name: name ?? "Somebody without a name" }));
  return people.sort((one, other) => one.name.localeCompare(other.name, "en"));
}

function toEntry(row: typeof auditEntries.$inferSelect) {
  return {
    sequence: String(row.sequence),
    at: row.at.toISOString(),
    action: row.action,
    /** Null: the portal itself. */
    actor: row.actorId === null ? null : { userId: row.actorId, name: row.actorName ?? "" },
    subject: { kind: row.subjectKind, id: row.subjectId, label: row.subjectLabel },
    before: row.before,
    after: row.after,
    address: row.address,
    userAgent: row.userAgent,
    /** The same in words people know: "Firefox on Windows". */
    device: row.userAgent && deviceName(row.userAgent),
    requestId: row.requestId,
    hash: Buffer.from(row.hash).toString("hex"),
  };
}
