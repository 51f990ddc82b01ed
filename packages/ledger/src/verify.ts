import type { Database } from "@guildhall/db";

/** Something that must never be; ledger.find_drift names the findings. */
export interface Drift {
  bookId: string;
  finding: string;
  account: string | null;
  /** The row that it is about, when it is not the account: "hold 0197…", "lot 0197…". */
  subject: string | null;
  /** The first posting at fault, where there is one. */
  sequence: bigint | null;
  expected: string;
  found: string;
}

/** What is looked at: one book, or all of them. */
export interface VerifyScope {
  bookId?: string;
}

/** A proof: what is not so, of one book or of all. */
export type Verify = (db: Pick<Database, "sql">, scope?: VerifyScope) => Promise<Drift[]>;

/**
 * Proves the ledger, for one book or for all: accounts sum to zero, balances are the sum of their entries, sequences have no
 * gaps, each balance follows from the one before, nothing is below its floor, transfers arrived; holds, lots, burns and refunds are what was
 * posted; no key is larger than the one that is believed to be the largest. Returns what is not so; repairs nothing. Reads one snapshot
 * without locks, in time that grows with the rows of what is looked at; call it with a pool without statement timeout.
 */
export const verify: Verify = async (db, { bookId = null }: { bookId?: string | null } = {}) => {
  const rows = await db.sql<Drift[]>`
    SELECT book_id AS "bookId", finding, account, NULL AS subject, sequence, expected, found
      FROM (SELECT * FROM ledger.find_drift(${bookId}) UNION ALL SELECT * FROM ledger.find_misposted(${bookId})) AS of_accounts
    UNION ALL
    SELECT book_id, finding, NULL, subject, sequence, expected, found
      FROM (SELECT * FROM ledger.find_hold_drift(${bookId}) UNION ALL SELECT * FROM ledger.find_lot_drift(${bookId})
            UNION ALL SELECT * FROM ledger.find_key_drift(${bookId})) AS of_rows
     ORDER BY 1, 2, 3, 4, 5`;
  return [...rows];
};
