import type { TransactionScope } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { Posting } from "./posting.ts";

type Scope = Pick<TransactionScope, "sql">;

export interface OpenBookOptions {
  /** Credits of different types never mix. Default: the one type that a platform starts with. */
  creditTypeId?: string;
  /** How far below zero the wallet may go, in micro-credits, zero or less. Default 0. */
  floorMicro?: bigint;
}

/** What a wallet holds, in micro-credits. */
export interface Balance {
  /** All that belongs to the wallet: available + held. */
  balanceMicro: bigint;
  heldMicro: bigint;
  /** What can be spent. */
  availableMicro: bigint;
  /** Of the wallet's last posting; 0 when there is none. */
  sequence: bigint;
}

/**
 * Opens the book of the transaction's organization or person: a wallet and its counter accounts at zero. Idempotent.
 * @throws an error of Postgres when the book is not the transaction's own.
 */
export async function openBook(tx: Scope, bookId: string, options: OpenBookOptions = {}): Promise<void> {
  const { creditTypeId = null, floorMicro = 0n } = options;
  await tx.sql`SELECT ledger.open_book(${bookId}, ${creditTypeId}, ${String(floorMicro)})`;
}

/**
 * Reads what a wallet holds now. Takes no lock.
 * @throws DomainError not_found when the book is not open or not the transaction's own.
 */
export async function readBalance(tx: Scope, bookId: string): Promise<Balance> {
  const [row] = await tx.sql<{ wallet_micro: bigint; held_micro: bigint; wallet_sequence: bigint }[]>`
    SELECT wallet_micro, held_micro, wallet_sequence FROM ledger.books WHERE book_id = ${bookId}`;
  if (!row) throw new DomainError("not_found", { bookId });
  return {
    balanceMicro: row.wallet_micro + row.held_micro,
    heldMicro: row.held_micro,
    availableMicro: row.wallet_micro,
    sequence: row.wallet_sequence,
  };
}

interface PostingRow extends Omit<Posting, "attributes"> {
  attributes: Posting["attributes"] | null;
}

/** Reads a wallet's history, newest first: the `limit` postings before `beforeSequence`, or the last ones. */
export async function readPostings(
  tx: Scope,
  bookId: string,
  page: { beforeSequence?: bigint; limit: number },
): Promise<Posting[]> {
  const before = page.beforeSequence === undefined ? null : String(page.beforeSequence);
  const rows = await tx.sql<PostingRow[]>`
    SELECT id AS "postingId", sequence, kind, description, actor_id AS "actorId", amount_micro AS "amountMicro",
           balance_after_micro AS "balanceAfterMicro", attributes, posted_at AS "postedAt"
      FROM ledger.postings
     WHERE book_id = ${bookId} AND sequence < coalesce(${before}::bigint, 9223372036854775807)
     ORDER BY sequence DESC LIMIT ${page.limit}`;
  return rows.map((row) => ({ ...row, attributes: row.attributes ?? {} }));
}
