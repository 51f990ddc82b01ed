import type { Database, TransactionSql, Tx } from "@guildhall/db";
import { type LiveEvent, type LiveEventType, liveEvent } from "./events/index.ts";

/** An event to be written. `audience` names the roles that may see it, null every member. */
export interface NewEvent {
  organizationId: string;
  type: LiveEventType;
  payload: LiveEvent["payload"];
  audience: string[] | null;
  /** Who caused it; null for the system. */
  actorId: string | null;
}

/** How far an organization's log has come. Sequences start at 1 and have no gaps. */
export interface Head {
  organizationId: string;
  sequence: bigint;
}

/** An event as the log holds it. Shared by everybody who follows the organization: never change one. */
export type LoggedEvent = Readonly<{
  sequence: bigint;
  event: LiveEvent;
  audience: readonly string[] | null;
  actorId: string | null;
  at: Date;
}>;

/**
 * Appends events in the caller's transaction, in their order, and returns the new heads. Locks the organizations' heads
 * until the commit, so that commit order is sequence order: call it last. Inside withOrganization only that
 * organization may be named.
 * @throws ZodError when an event does not match its schema: the log is append-only, a wrong one would stay for ever.
 */
export async function appendEvents(sql: TransactionSql, events: NewEvent[], now: Date): Promise<Head[]> {
  if (events.length === 0) return [];
  for (const { type, payload } of events) liveEvent.parse({ type, payload });
  const rows = await sql<HeadRow[]>`
    SELECT organization_id, sequence FROM live.append_events(${sql.json(events as never)}, ${now})`;
  return rows.map(toHead);
}

/** Reads the next events of the transaction's organization after a sequence, at most `limit`, in order. */
export async function readEvents(tx: Tx, page: { after: bigint; limit: number }): Promise<LoggedEvent[]> {
  const rows = await tx.sql<EventRow[]>`
    SELECT sequence, type, audience, payload, actor_id, created_at
      FROM live.events
     WHERE organization_id = ${tx.organizationId} AND sequence > ${page.after}
     ORDER BY sequence
     LIMIT ${page.limit}`;
  return rows.map(toLogged);
}

/** Reads how far the log of the transaction's organization has come; 0 before its first event. */
export async function readHead(tx: Tx): Promise<bigint> {
  const [row] = await tx.sql<{ sequence: bigint }[]>`
    SELECT sequence FROM live.heads WHERE organization_id = ${tx.organizationId}`;
  return row?.sequence ?? 0n;
}

/** Organizations that one query asks about. */
const HEADS_PER_QUERY = 1_000;

/** Reads how far the named logs have come, across organizations: what says that a wake-up was missed. */
export async function readHeads(db: Database, organizationIds: readonly string[]): Promise<Head[]> {
  const heads: Head[] = [];
  for (let start = 0; start < organizationIds.length; start += HEADS_PER_QUERY) {
    const asked = organizationIds.slice(start, start + HEADS_PER_QUERY);
    const rows = await db.sql<HeadRow[]>`
      SELECT organization_id, sequence FROM live.read_heads(${asked}::uuid[])`;
    heads.push(...rows.map(toHead));
  }
  return heads;
}

interface HeadRow {
  organization_id: string;
  sequence: bigint;
}

function toHead({ organization_id: organizationId, sequence }: HeadRow): Head {
  return { organizationId, sequence };
}

interface EventRow {
  sequence: bigint;
  type: LiveEventType;
  audience: string[] | null;
  payload: LiveEvent["payload"];
  actor_id: string | null;
  created_at: Date;
}

function toLogged(row: EventRow): LoggedEvent {
  const event = { type: row.type, payload: row.payload } as LiveEvent;
  return { sequence: row.sequence, event, audience: row.audience, actorId: row.actor_id, at: row.created_at };
}
