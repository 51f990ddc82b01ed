import type { Database } from "@guildhall/db";

/** A posting of one of the wallets; where a transfer leaves, also where it arrives. */
export interface Row {
  bookId: string;
  sequence: bigint;
  id: string;
  kind: string;
  amountMicro: bigint;
  balanceAfterMicro: bigint;
  arrivalSequence: bigint | null;
  otherBookId: string | null;
}

/** The histories of the wallets, oldest first, read past their walls. */
export async function readRows({ sql }: Database, books: string[]): Promise<Row[]> {
  return sql<Row[]>`
    SELECT p.book_id AS "bookId", p.sequence, p.id, p.kind, p.amount_micro AS "amountMicro",
           p.balance_after_micro AS "balanceAfterMicro", p.other_book_id AS "otherBookId", arrival.sequence AS "arrivalSequence"
      FROM ledger.postings p
      LEFT JOIN ledger.postings arrival ON p.kind = 'transfer' AND p.amount_micro < 0
           AND arrival.book_id = p.other_book_id AND arrival.id = ledger.derived_id('transfer', p.book_id, p.id)
     WHERE p.book_id = ANY (${books}::uuid[])
     ORDER BY p.book_id, p.sequence`;
}

/**
 * One order of what happened in several wallets that keeps the sequence of each, with a transfer leaving and arriving at one
 * moment. Arrivals are left out: they belong to where they left. Wallets meet in transfers only, so that any such order comes
 * to the same. Throws when there is none.
 */
export function serialOrder(rows: readonly Row[]): Row[] {
  const queues = Map.groupBy(rows, (row) => row.bookId);
  const order: Row[] = [];
  for (;;) {
    const next = [...queues.values()].map((queue) => queue[0]).find((row) => row && isNext(row, queues));
    if (!next) break;
    queues.get(next.bookId)?.shift();
    if (isLeaving(next)) queues.get(next.otherBookId ?? "")?.shift();
    order.push(next);
  }
  const left = [...queues.values()].flat();
  if (left.length > 0) throw new Error(`no order explains sequence ${left[0]?.sequence} of ${left[0]?.bookId}`);
  return order;
}

function isNext(row: Row, queues: Map<string, Row[]>): boolean {
  if (row.kind !== "transfer") return true;
  return isLeaving(row) && queues.get(row.otherBookId ?? "")?.[0]?.sequence === row.arrivalSequence;
}

function isLeaving(row: Row): boolean {
  return row.kind === "transfer" && row.amountMicro < 0n;
}
