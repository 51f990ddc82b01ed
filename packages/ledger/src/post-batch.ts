import type { Sql, TransactionSql } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import { hashToUuid } from "./idempotency-key.ts";
import type { PostingRequest, PostingResult } from "./posting.ts";

/** A request on its way, with the id that its key stands for. */
export interface QueuedRequest {
  request: PostingRequest;
  postingId: string;
}

interface AnswerRow {
  place: bigint;
  outcome: "accepted" | "replayed" | "conflict" | "insufficient" | "unknown_book" | "out_of_range" | "invalid";
  sequence: bigint;
  amount_micro: bigint;
  balance_micro: bigint;
  held_micro: bigint;
  posted_at: Date;
}

/** The answer to one request; a DomainError is the answer to a request that can never be posted. */
export type Answer = PostingResult | DomainError;

/**
 * Calls ledger.post_batch and returns one answer per request, in their order. Locks the wallets in id order.
 * The caller sends a key of a book once per call.
 */
export async function postBatch(
  sql: Sql | TransactionSql,
  batch: readonly QueuedRequest[],
  now: Date,
): Promise<Answer[]> {
  const requests = batch.map((queued) => queued.request);
  const rows = await (sql as Sql)<AnswerRow[]>`
    SELECT place, outcome, sequence, amount_micro, balance_micro, held_micro, posted_at
      FROM ledger.post_batch(${now}, ${requests.map((request) => request.bookId)}::uuid[],
        ${batch.map((queued) => queued.postingId)}::uuid[], ${requests.map((request) => request.kind)}::text[],
        ${requests.map((request) => String(request.amountMicro))}::bigint[],
        ${requests.map((request) => request.description)}::text[],
        ${requests.map((request) => request.actorId ?? null)}::uuid[],
        ${requests.map((request) => (request.attributes ? JSON.stringify(request.attributes) : null))}::text[],
        ${requests.map(({ fingerprint }) => (fingerprint === undefined ? null : hashToUuid(fingerprint)))}::uuid[])`;
  const answers = new Array<Answer>(batch.length);
  for (const row of rows) {
    const place = Number(row.place) - 1;
    const queued = batch[place];
    if (queued) answers[place] = toAnswer(queued, row);
  }
  return answers;
}

function toAnswer({ request, postingId }: QueuedRequest, row: AnswerRow): Answer {
  switch (row.outcome) {
    case "accepted":
    case "replayed":
      return {
        outcome: row.outcome,
        postingId,
        sequence: row.sequence,
        amountMicro: row.amount_micro,
        balanceAfterMicro: row.balance_micro,
        heldMicro: row.held_micro,
        postedAt: row.posted_at,
      };
    case "conflict":
      return { outcome: "conflict", postingId };
    case "insufficient":
      return { outcome: "insufficient", balanceMicro: row.balance_micro, requiredMicro: -request.amountMicro };
    case "unknown_book":
      return new DomainError("not_found", { bookId: request.bookId }, "There is no such wallet.");
    case "out_of_range":
      return new DomainError("invalid_input", { field: "amountMicro" }, "The wallet cannot count that far.");
    case "invalid":
      return new DomainError("invalid_input", { field: "amountMicro" }, "The posting's amount is not valid.");
  }
}
