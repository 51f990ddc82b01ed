import { plainArray, type Sql, type TransactionSql, textArray } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import { toStoredFingerprint } from "./idempotency-key.ts";
import { listIfAny } from "./list-if-any.ts";
import type { Posted, PostingKind, PostingResult } from "./posting.ts";
import type { QueuedRequest } from "./queued-request.ts";

/** The answer to one request; a DomainError is the answer to a request that cannot be posted as it is. */
export type Answer = PostingResult | DomainError | { outcome: "nothing" };

/** What one call has come to. */
export interface BatchAnswer {
  /** One per request, in their order. */
  answers: Answer[];
  /** All postings that were made: those of accepted requests and those beside them; each book's in order. */
  posted: Posted[];
}

interface PostedRow {
  place: bigint;
  outcome: "accepted" | "replayed";
  sequence: bigint;
  amount_micro: bigint;
  balance_micro: bigint;
  held_micro: bigint;
  posted_at: Date;
}

interface RefusedRow {
  place: bigint;
  outcome: "conflict" | "insufficient" | "nothing" | keyof typeof refusals;
  balance_micro: bigint;
}

/** A posting that no request asked for in so many words. */
interface BesideRow extends Omit<PostedRow, "place"> {
  place: null;
  book_id: string;
  posting_id: string;
  kind: PostingKind;
  description: string;
}

/** A row of what ledger.post_batch answers. */
export type BatchRow = PostedRow | RefusedRow | BesideRow;

/** Answers that are the request's own fault, or that of what it names. */
const refusals = {
  unknown_book: () => new DomainError("not_found", {}, "There is no such wallet."),
  unknown_hold: () =>
    new DomainError(
      "not_found",
      {},
      "There is no such hold. If it was ordered at the same time, wait for its answer, then send this again with the same key: nothing was done.",
    ),
  hold_closed: () => new DomainError("hold_closed"),
  hold_exceeded: () => new DomainError("hold_exceeded"),
  other_credit_type: () =>
    new DomainError("invalid_input", { field: "toBookId" }, "The wallets hold credits of different types."),
  out_of_range: () => new DomainError("invalid_input", { field: "amountMicro" }, "The wallet cannot count that far."),
  invalid: () => new DomainError("invalid_input", { field: "amountMicro" }, "The posting is not possible."),
};

/**
 * Calls ledger.post_batch. Locks the wallets in id order. The caller sends a key of a book, or requests about one hold, at
 * most once per call, and names a book that receives a transfer in no other role.
 */
export async function postBatch(
  sql: Sql | TransactionSql,
  batch: readonly QueuedRequest[],
  now: Date,
): Promise<BatchAnswer> {
  const requests = batch.map((queued) => queued.request);
  const rows = await (sql as Sql)<BatchRow[]>`
    SELECT * FROM ledger.post_batch(${now}, ${plainArray(requests.map((request) => request.bookId))}::uuid[],
        ${plainArray(batch.map((queued) => queued.postingId))}::uuid[],
        ${plainArray(requests.map((request) => request.kind))}::text[],
        ${plainArray(requests.map((request) => request.amountMicro))}::bigint[],
        ${textArray(requests.map((request) => request.description))}::text[],
        ${plainArray(listIfAny(batch, (request) => request.actorId))}::uuid[],
        ${textArray(listIfAny(batch, attributesOf))}::text[],
        ${plainArray(listIfAny(batch, (request) => toStoredFingerprint(request.fingerprint)))}::uuid[],
        ${plainArray(listIfAny(batch, (request) => request.holdId))}::uuid[],
        ${plainArray(listIfAny(batch, (request) => request.toBookId))}::uuid[],
        ${plainArray(listIfAny(batch, (request) => (request.hold ?? request.lot)?.expiresAt?.toISOString()))}::timestamptz[],
        ${plainArray(listIfAny(batch, (request) => request.hold && String(request.hold.toleranceMicro ?? 0n)))}::bigint[],
        ${plainArray(listIfAny(batch, (request) => request.lot?.kind))}::text[])`;
  return readAnswers(batch, rows);
}

function attributesOf({ attributes, refundOf }: QueuedRequest["request"]): string | undefined {
  if (refundOf !== undefined) return JSON.stringify({ ...attributes, refundOf });
  return attributes && JSON.stringify(attributes);
}

/** Reads what ledger.post_batch has answered. */
export function readAnswers(batch: readonly QueuedRequest[], rows: readonly BatchRow[]): BatchAnswer {
  const answers = new Array<Answer>(batch.length);
  const posted: Posted[] = [];
  let hasBeside = false;
  for (const row of rows) {
    if (row.place === null) {
      posted.push(toPostedBeside(row));
      hasBeside = true;
      continue;
    }
    const place = Number(row.place) - 1;
    const queued = batch[place] as QueuedRequest;
    const answer = toAnswer(queued, row);
    answers[place] = answer;
    if (isAccepted(answer)) posted.push({ request: queued.request as Posted["request"], result: answer });
  }
  // Rows come in each book's order, but for those beside the requests, which come apart.
  if (hasBeside) posted.sort((one, other) => Number(one.result.sequence - other.result.sequence));
  return { answers, posted };
}

function toAnswer({ request, postingId }: QueuedRequest, row: PostedRow | RefusedRow): Answer {
  switch (row.outcome) {
    case "accepted":
    case "replayed":
      return toResult(row, postingId);
    case "conflict":
      return { outcome: "conflict", postingId };
    case "insufficient":
      return { outcome: "insufficient", balanceMicro: row.balance_micro, requiredMicro: -request.amountMicro };
    case "nothing":
      return { outcome: "nothing" };
    default:
      return refusals[row.outcome]();
  }
}

function toResult(row: Omit<PostedRow, "place">, postingId: string) {
  return {
    outcome: row.outcome,
    postingId,
    sequence: row.sequence,
    amountMicro: row.amount_micro,
    balanceAfterMicro: row.balance_micro,
    heldMicro: row.held_micro,
    postedAt: row.posted_at,
  };
}

function toPostedBeside(row: BesideRow): Posted {
  const isPosted = row.outcome === "accepted" || row.outcome === "replayed";
  if (!isPosted) throw new Error(`What was due in wallet ${row.book_id} was not posted: ${row.outcome}.`);
  const { book_id: bookId, posting_id: postingId, kind, amount_micro: amountMicro, description } = row;
  return {
    request: { bookId, kind, amountMicro, description, idempotencyKey: postingId },
    result: { ...toResult(row, postingId), outcome: "accepted" },
  };
}

function isAccepted(answer: Answer): answer is Posted["result"] {
  return "outcome" in answer && answer.outcome === "accepted";
}
