import type { TransactionScope } from "@guildhall/db";

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

/** What one posting took from a lot; below zero what the release of a hold gave back. */
export interface Burn {
  lotId: string;
  amountMicro: bigint;
}

/** Reads which lots a posting burned; what they do not cover was paid credit without a lot. */
export async function readBurns(tx: Scope, bookId: string, sequence: bigint): Promise<Burn[]> {
  const rows = await tx.sql<Burn[]>`
    SELECT lot_id AS "lotId", amount_micro AS "amountMicro" FROM ledger.burns
     WHERE book_id = ${bookId} AND sequence = ${String(sequence)} ORDER BY lot_id`;
  return [...rows];
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
