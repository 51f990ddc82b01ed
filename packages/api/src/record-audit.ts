import { rolesWith } from "@guildhall/auth";
import type { Sql, TransactionScope, TransactionSql, Tx, UserTx } from "@guildhall/db";
import { announce, beforeAnnouncing } from "./announce.ts";
import { type AuditEntry, type AuditRecord, toAuditEntry } from "./audit-entry.ts";
import type { Origin, Services } from "./trpc/context.ts";

/**
 * Writes a change into the organization's audit log, in the transaction that makes it. All records of a transaction are appended
 * to the organization's chain in one call just before the commit, before its events: the audit head is the last lock but one.
 * What changed nothing is not to be recorded. Pages that show the log learn of it by the events that the verb announces; where it
 * announces none, by audit.recorded.
 */
export function recordAudit(tx: Tx, services: Services, record: AuditRecord): void {
  const entry = toAuditEntry({ scope: "organization", scopeId: tx.organizationId }, record);
  collect(tx, entry, (append) =>
    beforeAnnouncing(tx, services, async (isAnnouncing) => {
      await append(services);
      if (isAnnouncing) return;
      const event = { type: "audit.recorded", payload: {} } as const;
      announce(tx, services, { actorId: record.actor?.userId ?? null, audience: rolesWith("audit.read"), event });
    }),
  );
}

/** A change of what belongs to a person and to no organization: sessions, password, second factor. */
export interface PersonAuditRecord {
  /** Whose chain it goes into. */
  userId: string;
  origin?: Origin | undefined;
  /** Left out: the person did it. Null: the portal itself. */
  actor?: AuditRecord["actor"];
  action: string;
  /** Left out: the person. */
  subject?: AuditRecord["subject"];
  before?: AuditRecord["before"];
  after?: AuditRecord["after"];
}

/**
 * Writes a change into a person's own audit log, in the transaction that makes it (withUser, withoutTenant, or an organization's
 * that changes the person along the way). Appended just before the commit.
 */
export function recordPersonAudit(
  tx: Pick<TransactionScope, "sql" | "beforeCommit">,
  services: Pick<Services, "clock">,
  record: PersonAuditRecord,
): void {
  const entry = toPersonEntry(record);
  collect(tx, entry, (append) => tx.beforeCommit(() => append(services)));
}

/**
 * Writes a change of one person's transaction into the chains of several people, in one call just before the commit: so their heads are
 * locked in the order of their ids. Call it once, and record nothing else for a person in that transaction.
 */
export function recordPeopleAudit(
  person: UserTx,
  services: Pick<Services, "clock">,
  records: readonly PersonAuditRecord[],
): void {
  const entries = records.map(toPersonEntry);
  person.beforeCommit(async () => {
    // A person's transaction writes into their own chain only: for this one call it is nobody's.
    const [of] = await person.sql<{ userId: string }[]>`SELECT current_user_id() AS "userId"`;
    await person.sql`SELECT set_config('app.user_id', '', true)`;
    await appendAudit(person.sql, entries, services.clock.now());
    await person.sql`SELECT set_config('app.user_id', ${of?.userId ?? ""}, true)`;
  });
}

function toPersonEntry({
  userId,
  origin,
  actor = { userId, origin },
  subject,
  ...record
}: PersonAuditRecord): AuditEntry {
  const of = subject ?? { kind: "person", id: userId, label: "" };
  return toAuditEntry({ scope: "person", scopeId: userId }, { ...record, actor, subject: of });
}

/**
 * Appends entries now: for what has a transaction of its own kind (the ledger's batches). Locks the audit heads in the order of their ids
 * until the commit; call it before events are appended.
 */
export async function appendAudit(sql: Sql | TransactionSql, entries: AuditEntry[], now: Date): Promise<void> {
  if (entries.length === 0) return;
  await sql`SELECT scope_id FROM audit.append(${sql.json(entries as never)}, ${now})`;
}

type Scope = Pick<TransactionScope, "sql">;
type Append = (services: Pick<Services, "clock">) => Promise<void>;
const waitingByTransaction = new WeakMap<Scope, Map<AuditEntry["scope"], AuditEntry[]>>();

/** Keeps an entry for the end of the transaction; the first one of each kind of chain arranges for the appending. */
function collect(tx: Scope, entry: AuditEntry, arrange: (append: Append) => void): void {
  const waiting = waitingByTransaction.get(tx) ?? new Map<AuditEntry["scope"], AuditEntry[]>();
  waitingByTransaction.set(tx, waiting);
  const entries = waiting.get(entry.scope);
  if (entries) {
    entries.push(entry);
    return;
  }
  const first = [entry];
  waiting.set(entry.scope, first);
  arrange(({ clock }) => {
    waiting.delete(entry.scope); // Whoever records from now on, in another hook, arranges for it anew.
    return appendAudit(tx.sql, first, clock.now());
  });
}
