import { type Database, withUser } from "@guildhall/db";
import { openBook, readBalance, readPostings } from "@guildhall/ledger";

/** Opens a person's own wallet if it is not open yet. Idempotent. It is theirs: no organization reads or moves it (S2.3). */
export async function ensurePersonalWallet(db: Database, userId: string): Promise<void> {
  await withUser(db, userId, (tx) => openBook(tx, userId));
}

/** What a person's own wallet holds, opened at the first look. Decimal texts of micro-credits. */
export async function readPersonalWallet(db: Database, userId: string) {
  const balance = await withUser(db, userId, async (tx) => {
    await openBook(tx, userId);
    return readBalance(tx, userId);
  });
  return {
    balanceMicro: String(balance.balanceMicro),
    heldMicro: String(balance.heldMicro),
    availableMicro: String(balance.availableMicro),
    sequence: String(balance.sequence),
  };
}

/** A page of its history, newest first; `nextCursor` is the sequence that the next page begins before. */
export async function listPersonalTransactions(
  db: Database,
  userId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  const before = cursor === undefined ? {} : { beforeSequence: BigInt(cursor) };
  const found = await withUser(db, userId, (tx) => readPostings(tx, userId, { ...before, limit: limit + 1 }));
  const shown = found.slice(0, limit);
  return {
    items: shown.map((posting) => ({
      id: posting.postingId,
      sequence: String(posting.sequence),
      at: posting.postedAt.toISOString(),
      kind: posting.kind,
      description: posting.description,
      amountMicro: String(posting.amountMicro),
      balanceAfterMicro: String(posting.balanceAfterMicro),
    })),
    nextCursor: found.length > limit ? String(shown.at(-1)?.sequence) : null,
  };
}
