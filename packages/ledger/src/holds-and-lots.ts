import { plainArray, type TransactionScope } from "@guildhall/db";

type Scope = Pick<TransactionScope, "sql">;

/** Credits with a source or an end of their own, of which something remains. */
export interface Lot {
  /** The posting that brought it. */
  lotId: string;
  kind: "promotional" | "paid";
  grantedMicro: bigint;
  remainingMicro: bigint;
  grantedAt: Date;
  /** Null: never. */
  expiresAt: Date | null;
}

/** Reads a wallet's lots in the order in which they will be burned. `expiringBefore` keeps those that end before it. */
export async function readLots(tx: Scope, bookId: string, scope: { expiringBefore?: Date } = {}): Promise<Lot[]> {
  const rows = await tx.sql<Lot[]>`
    SELECT lot_id AS "lotId", kind, granted_micro AS "grantedMicro", remaining_micro AS "remainingMicro",
           granted_at AS "grantedAt", expires_at AS "expiresAt"
      FROM ledger.lots
     WHERE book_id = ${bookId} AND remaining_micro > 0
       AND (${scope.expiringBefore ?? null}::timestamptz IS NULL OR expires_at < ${scope.expiringBefore ?? null})
     ORDER BY kind DESC, expires_at NULLS LAST, sequence, lot_id`;
  return [...rows];
}

/** What one posting took from a lot; below zero what it gave back: the release of a hold, a refund. */
export interface Burn extends Pick<Lot, "lotId" | "kind" | "expiresAt"> {
  /** Of the posting. */
  sequence: bigint;
  amountMicro: bigint;
}

/** Reads which lots postings burned, in the order in which lots are burned; what they do not cover was paid credit without a lot. */
export async function readBurns(tx: Scope, bookId: string, sequences: readonly bigint[]): Promise<Burn[]> {
  if (sequences.length === 0) return [];
  const rows = await tx.sql<Burn[]>`
    SELECT b.sequence, b.lot_id AS "lotId", b.amount_micro AS "amountMicro", l.kind, l.expires_at AS "expiresAt"
      FROM ledger.burns b JOIN ledger.lots l USING (book_id, lot_id)
     WHERE b.book_id = ${bookId} AND b.sequence = ANY (${plainArray(sequences.map(String))}::bigint[])
     ORDER BY b.sequence, l.kind DESC, l.expires_at NULLS LAST, l.sequence, b.lot_id`;
  return rows.map((row) => ({ ...row, sequence: BigInt(row.sequence) }));
}

/** Credits that are reserved. */
export interface Hold {
  holdId: string;
  amountMicro: bigint;
  toleranceMicro: bigint;
  expiresAt: Date;
  /** What it is for, as its posting says. */
  description: string;
  placedAt: Date;
}

/** Reads a wallet's open holds, the one that expires first first. */
export async function readHolds(tx: Scope, bookId: string): Promise<Hold[]> {
  const rows = await tx.sql<Hold[]>`
    SELECT h.hold_id AS "holdId", h.amount_micro AS "amountMicro", h.tolerance_micro AS "toleranceMicro",
           h.expires_at AS "expiresAt", p.description, p.posted_at AS "placedAt"
      FROM ledger.holds h JOIN ledger.postings p USING (book_id, sequence)
     WHERE h.book_id = ${bookId} AND h.state = 'open' ORDER BY h.expires_at, h.hold_id`;
  return [...rows];
}
