import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Sql, TransactionSql } from "@guildhall/db";
import { type Clock, DomainError } from "@guildhall/shared";
import { isTransient } from "./delivery-errors.ts";
import { type LaneConnection, UnansweredError } from "./lane-connection.ts";
import { type Answer, type BatchAnswer, postBatch } from "./post-batch.ts";
import { asksForDebits, postDebits } from "./post-debits.ts";
import type { Posted } from "./posting.ts";
import type { QueuedRequest } from "./queued-request.ts";

/** What a delivery needs; the batch writer's options, without those of its queue. */
export interface Delivery {
  connection: LaneConnection;
  clock: Clock;
  /**
   * Runs in the transaction of every batch that posted something, after the postings and before the commit. Throwing rolls
   * the batch back; it is then halved until the one request that makes it throw stands alone.
   */
  onPosted?(tx: TransactionSql, posted: Posted[]): Promise<void>;
  /**
   * Posts batches of debits together with what belongs to them, in one statement, which spares the round trips of a transaction;
   * onPosted is not called for them. Only for the batches that it covers, which ask for nothing but debits.
   */
  charging?: Charging;
  /** Called after the commit with the books that moved. Must not throw. */
  afterCommit?(bookIds: string[]): void;
  /** How long a batch is tried again while the database cannot be reached, in milliseconds. Silence counts from its end. */
  retryForMs: number;
}

/** A statement of the caller's around ledger.post_debits. */
export interface Charging {
  covers(batch: readonly QueuedRequest[]): boolean;
  /** Answers as postDebits does. Throwing means that nothing was done; the batch is then halved as if onPosted had thrown. */
  post(sql: Sql, batch: readonly QueuedRequest[], now: Date): Promise<BatchAnswer>;
  /**
   * For a refusal that concerns all requests in the name of somebody alike: says in whose name a request is. Such a batch is parted
   * by names until the refused one stands alone, and all of its requests are answered at once. Undefined for other errors.
   */
  whoseFault?(error: unknown): ((queued: QueuedRequest) => string) | undefined;
}

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Posts one batch in one transaction and answers every request: with a result, or with the error that is its own. Never
 * rejects. A batch whose fate is unknown is sent again under the same keys, so that the answer is what happened.
 */
export async function deliverBatch(delivery: Delivery, batch: readonly QueuedRequest[]): Promise<(Answer | Error)[]> {
  try {
    return await deliverPersistently(delivery, batch);
  } catch (error) {
    if (isTransient(error)) return batch.map(() => unreachable(error));
    if (batch.length === 1) return [asError(error)];
    const nameOf = delivery.charging?.whoseFault?.(error);
    if (nameOf) return deliverByName(delivery, batch, { nameOf, error });
    // In order, one half after the other: requests of one book keep theirs.
    const middle = batch.length >> 1;
    const first = await deliverBatch(delivery, batch.slice(0, middle));
    return [...first, ...(await deliverBatch(delivery, batch.slice(middle)))];
  }
}

interface Fault {
  nameOf(queued: QueuedRequest): string;
  error: unknown;
}

async function deliverByName(delivery: Delivery, batch: readonly QueuedRequest[], { nameOf, error }: Fault) {
  const names = [...new Set(batch.map(nameOf))];
  if (names.length === 1) return batch.map(() => asError(error));
  const first = new Set(names.slice(0, names.length >> 1));
  const answers = new Map<QueuedRequest, Answer | Error>();
  for (const isFirst of [true, false]) {
    const part = batch.filter((queued) => first.has(nameOf(queued)) === isFirst);
    const answered = await deliverBatch(delivery, part);
    for (const [place, queued] of part.entries()) answers.set(queued, answered[place] as Answer | Error);
  }
  return batch.map((queued) => answers.get(queued) as Answer | Error);
}

/** @throws the error of the last attempt when it is not transient or the time is over. */
async function deliverPersistently(delivery: Delivery, batch: readonly QueuedRequest[]): Promise<Answer[]> {
  let startedMs = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answered = await delivery.connection.attempt((db) => deliverOnce(delivery, db, batch));
      notifyMoved(delivery, attempt === 0 ? listMoved(answered) : listNamed(batch));
      return answered.answers;
    } catch (error) {
      // Nobody knew before that the answer was lost; a new connection mostly tells at once what became of the batch.
      if (attempt === 0 && error instanceof UnansweredError) startedMs = performance.now();
      if (!isTransient(error) || performance.now() - startedMs >= delivery.retryForMs) throw error;
      await sleep(Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2));
    }
  }
}

async function deliverOnce(delivery: Delivery, db: Database, batch: readonly QueuedRequest[]): Promise<BatchAnswer> {
  const { clock, charging, onPosted } = delivery;
  if (asksForDebits(batch)) {
    if (charging?.covers(batch)) return charging.post(db.sql, batch, clock.now());
    if (!onPosted) return postDebits(db.sql, batch, clock.now());
  }
  if (!onPosted) return postBatch(db.sql, batch, clock.now());
  const committed = await db.sql.begin(async (tx) => {
    const answered = await postBatch(tx, batch, clock.now());
    if (answered.posted.length > 0) await onPosted(tx, answered.posted);
    return { answered };
  });
  return committed.answered;
}

function listMoved({ posted }: BatchAnswer): Set<string> {
  return new Set(posted.map(({ request }) => request.bookId));
}

/** After a repeated attempt any book may have moved by the first one, whose commit nobody was told of. */
function listNamed(batch: readonly QueuedRequest[]): Set<string> {
  return new Set(batch.flatMap(({ request }) => [request.bookId, ...(request.toBookId ? [request.toBookId] : [])]));
}

function notifyMoved(delivery: Delivery, bookIds: Set<string>): void {
  if (bookIds.size > 0) delivery.afterCommit?.([...bookIds]);
}

function unreachable(cause: unknown): Error {
  const error = new DomainError(
    "overloaded",
    { retryAfterSeconds: 1 },
    "The ledger did not answer in time. Send the request again with the same key: it is never posted twice.",
  );
  return Object.assign(error, { cause });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
