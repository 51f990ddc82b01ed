import { type Drift, type Verify, verify } from "@guildhall/ledger";

/**
 * Proves wallets and what is kept about them: the ledger (see verify), and that what counts as spent by members and teams is the sum of
 * their uses and holds, that those are what was posted and the other way round, and that every correction is its refund. For one
 * organization or person, or for all. Returns what is not so; repairs nothing.
 */
export const verifyWallets: Verify = async (db, scope = {}) => {
  const ofLedger = await verify(db, scope);
  const ofSpending = await db.sql<Drift[]>`
    SELECT book_id AS "bookId", finding, NULL AS account, subject, sequence, expected, found
      FROM (SELECT * FROM find_spending_drift(${scope.bookId ?? null}) UNION ALL SELECT * FROM find_missing_uses(${scope.bookId ?? null})) AS found
     ORDER BY 1, 2, 4`;
  return [...ofLedger, ...ofSpending];
};
