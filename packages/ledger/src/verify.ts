import type { Database } from "@guildhall/db";

/** Something that must never be; ledger.find_drift names the findings. */
export interface Drift {
  bookId: string;
  finding: string;
  account: string | null;
  /** The first posting at fault, where there is one. */
  sequence: bigint | null;
  expected: string;
  found: string;
}

/**
 * Proves the ledger, for one book or for all: accounts sum to zero, balances are the sum of their entries, sequences have no
 * gaps, each balance follows from the one before, nothing is below its floor, holds and lots add up, transfers arrived. Returns what is not so; repairs nothing.
 * Reads one snapshot without locks; for all books it reads every posting, so call it with a pool without statement timeout.
 */
export async function verify(db: Pick<Database, "sql">, scope: { bookId?: string } = {}): Promise<Drift[]> {
  const rows = await db.sql<Drift[]>`
    SELECT book_id AS "bookId", finding, account, sequence, expected, found
      FROM (SELECT * FROM ledger.find_drift(${scope.bookId ?? null})
            UNION ALL SELECT * FROM ledger.find_misposted(${scope.bookId ?? null})) AS drift
     ORDER BY 1, 2, 3, 4`;
  return [...rows];
}
