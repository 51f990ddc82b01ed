import { plainArray, type Sql, type TransactionSql, textArray } from "@guildhall/db";
import { toStoredFingerprint } from "./idempotency-key.ts";
import { listIfAny } from "./list-if-any.ts";
import { type BatchAnswer, type BatchRow, readAnswers } from "./post-batch.ts";
import type { Posted } from "./posting.ts";
import type { QueuedRequest } from "./queued-request.ts";

/** A batch of debits as the arrays of ledger.post_debits; each is the text of a Postgres array. */
export interface DebitArrays {
  /** Distinct and ascending. */
  books: string;
  /** The same as a list. */
  bookIds: readonly string[];
  /** By request: the place of its book, from 1. Empty when there is one book. */
  bookPlaces: string;
  /** Whether each book is named once, in the order of bookIds: then the places say nothing more. */
  isEachOnce: boolean;
  ids: string;
  amounts: string;
  /** Empty when no debit has one, as the following lists. */
  descriptions: string;
  attributes: string;
}

/**
 * Calls ledger.post_debits for a batch of nothing but debits, or its brief form when there are several wallets: half the time of
 * ledger.post_batch when all of it is plain, which nearly every batch is.
 */
export async function postDebits(
  sql: Sql | TransactionSql,
  batch: readonly QueuedRequest[],
  now: Date,
): Promise<BatchAnswer> {
  const debits = toDebitArrays(batch);
  if (debits.bookIds.length > 1) return postDebitsOfMany(sql as Sql, { batch, debits, now });
  const rows = await (sql as Sql)<BatchRow[]>`
    SELECT * FROM ledger.post_debits(${now}, ${debits.books}::uuid[], ${debits.bookPlaces}::int[], ${debits.ids}::uuid[],
        ${debits.amounts}::bigint[], ${debits.descriptions}::text[], ${listActors(batch)}::uuid[], ${debits.attributes}::text[],
        ${listFingerprints(batch)}::uuid[])`;
  return readDebitAnswers(batch, rows, now);
}

interface DebitsOfMany {
  batch: readonly QueuedRequest[];
  debits: DebitArrays;
  now: Date;
}

async function postDebitsOfMany(sql: Sql, { batch, debits, now }: DebitsOfMany): Promise<BatchAnswer> {
  const rows = await sql<(BatchRow | OpeningsRow)[]>`
    SELECT place, outcome, sequence, amount_micro, balance_micro, held_micro, posted_at, book_id, posting_id, kind, description,
           sequences::text, balances_micro::text
      FROM ledger.post_debits_in_brief(${now}, ${debits.books}::uuid[], ${debits.isEachOnce ? "{}" : debits.bookPlaces}::int[],
        ${debits.ids}::uuid[], ${debits.amounts}::bigint[], ${debits.descriptions}::text[], ${listActors(batch)}::uuid[],
        ${debits.attributes}::text[], ${listFingerprints(batch)}::uuid[])`;
  const [first] = rows;
  if (first?.outcome !== "openings") return readAnswers(batch, rows as BatchRow[]);
  const [sequences, balances] = [readBigints(first.sequences), readBigints(first.balances_micro)];
  const wallets = new Map(
    debits.bookIds.map((bookId, place) => [
      bookId,
      { micro: balances[place] as bigint, sequence: sequences[place] as bigint },
    ]),
  );
  return answerPlain(batch, wallets, now);
}

/** What the wallets of a plain batch had before, in the order of DebitArrays.bookIds, as texts of Postgres arrays. */
interface OpeningsRow {
  outcome: "openings";
  sequences: string;
  balances_micro: string;
}

function readBigints(arrayText: string): bigint[] {
  return arrayText.slice(1, -1).split(",").map(BigInt);
}

/** Says whether a batch asks for nothing but debits. */
export function asksForDebits(batch: readonly QueuedRequest[]): boolean {
  return batch.every(({ request }) => request.kind === "usage");
}

/** Lays a batch of debits out as arrays. */
export function toDebitArrays(batch: readonly QueuedRequest[]): DebitArrays {
  const { books, places, isEachOnce } = placeBooks(batch);
  return {
    books: plainArray(books),
    bookIds: books,
    bookPlaces: plainArray(places),
    isEachOnce,
    ids: plainArray(batch.map((queued) => queued.postingId)),
    amounts: plainArray(batch.map(({ request }) => request.amountMicro)),
    descriptions: textArray(batch.some(isDescribed) ? batch.map(({ request }) => request.description) : []),
    attributes: textArray(listIfAny(batch, (request) => request.attributes && JSON.stringify(request.attributes))),
  };
}

function isDescribed({ request }: QueuedRequest): boolean {
  return request.description !== "";
}

function listActors(batch: readonly QueuedRequest[]): string {
  return plainArray(listIfAny(batch, (request) => request.actorId));
}

function listFingerprints(batch: readonly QueuedRequest[]): string {
  return plainArray(listIfAny(batch, (request) => toStoredFingerprint(request.fingerprint)));
}

/** A uuid is ordered by Postgres as its text is by code units. */
function placeBooks(batch: readonly QueuedRequest[]): { books: string[]; places: number[]; isEachOnce: boolean } {
  const placeByBook = new Map<string, number>();
  for (const { request } of batch) placeByBook.set(request.bookId, 0);
  const books = [...placeByBook.keys()].sort();
  if (books.length === 1) return { books, places: [], isEachOnce: batch.length === 1 };
  books.forEach((bookId, place) => {
    placeByBook.set(bookId, place + 1);
  });
  const places = batch.map(({ request }) => placeByBook.get(request.bookId) as number);
  return { books, places, isEachOnce: places.every((place, index) => place === index + 1) };
}

/** Reads what ledger.post_debits has answered. */
export function readDebitAnswers(batch: readonly QueuedRequest[], rows: readonly BatchRow[], now: Date): BatchAnswer {
  if (!isOpening(rows[0])) return readAnswers(batch, rows);
  const openings = rows as readonly unknown[] as OpeningRow[];
  const wallets = new Map(
    openings.map((opening) => [opening.book_id, { micro: opening.balance_micro, sequence: opening.sequence }]),
  );
  return answerPlain(batch, wallets, now);
}

/** What a wallet had before a plain batch. */
interface OpeningRow {
  outcome: "opening";
  book_id: string;
  sequence: bigint;
  balance_micro: bigint;
}

function isOpening(row: BatchRow | undefined): boolean {
  return (row?.outcome as string | undefined) === "opening";
}

/** What a wallet has come to. */
interface Running {
  micro: bigint;
  sequence: bigint;
}

/**
 * Derives the result of every debit of a plain batch from what the wallets had before it: they were posted in the order of the
 * requests. Leaves in `wallets` what they have now.
 */
function answerPlain(batch: readonly QueuedRequest[], wallets: ReadonlyMap<string, Running>, now: Date): BatchAnswer {
  const posted: Posted[] = [];
  const answers = batch.map(({ request, postingId }) => {
    const wallet = wallets.get(request.bookId);
    if (!wallet) throw new Error("The ledger posted to a wallet and did not say so.");
    wallet.micro += request.amountMicro;
    wallet.sequence += 1n;
    const result = {
      outcome: "accepted" as const,
      postingId,
      sequence: wallet.sequence,
      amountMicro: request.amountMicro,
      balanceAfterMicro: wallet.micro,
      heldMicro: 0n,
      postedAt: now,
    };
    posted.push({ request: request as Posted["request"], result });
    return result;
  });
  return { answers, posted };
}
