import type { Database } from "@guildhall/db";

/** The first thing wrong with a chain. */
export interface AuditBreak {
  scope: "organization" | "person";
  scopeId: string;
  /** The entry at which it shows; for a missing one, its place. */
  sequence: bigint;
  /**
   * changed: the entry does not have the hash that stands in it; missing: there is no entry in that place; out_of_order: it does
   * not follow the one before it; truncated: the chain ends before its head says; beyond_head, head_changed, headless:
   * entries and head disagree in other ways; unrecorded: an organization that was made since there is an audit log has no chain at all.
   */
  finding:
    | "changed"
    | "missing"
    | "out_of_order"
    | "truncated"
    | "beyond_head"
    | "head_changed"
    | "headless"
    | "unrecorded";
}

/** What was looked at. */
export interface AuditExtent {
  chains: bigint;
  entries: bigint;
  /** Of a single chain: the hash that it ends with, in hex. Null for all, and for a chain that does not exist. */
  hash: string | null;
}

/**
 * Proves audit logs: every entry has the hash of what it says and of the one before it, none is missing, none moved, none cut off
 * at the end. One chain (the id of an organization or a person) or all. Returns the first break of each broken chain;
 * changes nothing. Reads every entry, so call it with a pool without statement timeout.
 */
export async function verifyAudit(
  db: Pick<Database, "sql">,
  scopeId: string | null = null,
): Promise<{ breaks: AuditBreak[]; extent: AuditExtent }> {
  const breaks = await db.sql<AuditBreak[]>`
    SELECT scope, scope_id AS "scopeId", sequence, finding FROM audit.find_breaks(${scopeId})
    UNION ALL
    SELECT scope, scope_id, sequence, finding FROM audit.find_chainless(${scopeId})`;
  const [extent] = await db.sql<AuditExtent[]>`SELECT chains, entries, hash FROM audit.read_extent(${scopeId})`;
  if (!extent) throw new Error("audit.read_extent answers with one row.");
  return { breaks: [...breaks], extent };
}

/**
 * Says whether an entry still has the hash that was written down elsewhere: the one proof against somebody who can write a whole
 * chain anew.
 */
export async function hasHash(
  db: Pick<Database, "sql">,
  entry: { scopeId: string; sequence: bigint; hash: string },
): Promise<boolean> {
  const [row] = await db.sql<{ matches: boolean }[]>`
    SELECT audit.has_hash(${entry.scopeId}, ${String(entry.sequence)}, ${entry.hash}) AS matches`;
  return row?.matches === true;
}
