import { availableParallelism } from "node:os";
import type { Database } from "@guildhall/db";
import { DomainError, newId, systemClock } from "@guildhall/shared";
import { checkRequest } from "./check-request.ts";
import { type Delivery, deliverBatch } from "./deliver-batch.ts";
import { idOfKey } from "./idempotency-key.ts";
import { createLane, type Lane, type Waiting } from "./lane.ts";
import { createLaneConnection } from "./lane-connection.ts";
import type { Answer } from "./post-batch.ts";
import type { PostingRequest, PostingResult } from "./posting.ts";
import type { DueRequest, QueuedRequest } from "./queued-request.ts";

export interface BatchWriterOptions extends Omit<Delivery, "retryForMs" | "clock" | "connection"> {
  db: Database;
  clock?: Delivery["clock"];
  /** 1 to 4; each has a connection of its own. A book always goes by the same lane. Default: half as many as processors. */
  lanes?: number;
  /** The largest batch, up to 1,000 requests (the default). */
  batchSize?: number;
  /** Requests that may wait in all lanes together; beyond that they are refused as "overloaded". Default 10,000. */
  queueSize?: number;
  /** How long a batch is tried again while the database cannot be reached, in milliseconds. Default 15 s. */
  retryForMs?: number;
  /**
   * How long a connection may be silent while a batch waits for it, in milliseconds; it is then given up and the batch sent again on
   * a new one. Must be longer than the server's limit for a statement, which speaks by itself. Default 20 s.
   */
  answerWithinMs?: number;
}

/** The one path for every posting. */
export interface BatchWriter {
  /**
   * Posts one request, in a batch with whatever else waits, and resolves after the commit. Idempotent by the key. Aborting
   * withdraws a request that has not been sent; one under way is answered with what happened.
   * @throws DomainError "overloaded" (the queue is full, the writer stops, or the database cannot be reached: whether it
   * was posted is then unknown, and the same key tells), "not_found" (no such book), "invalid_input" with the field.
   */
  post(request: PostingRequest, signal?: AbortSignal): Promise<PostingResult>;
  /**
   * Posts what has come due in wallets that nobody uses: holds and lots past their time. Call it every minute or so; wallets
   * in use need no call. Returns how many wallets had something due, up to 1,000 per call.
   */
  expireDue(): Promise<number>;
  /** Refuses new requests, waits for those it has. */
  stop(): Promise<void>;
}

/**
 * Two lanes on two processors, which Postgres and this process share, took a third more of them per debit than one, and posted no more:
 * batches of half the size, and two backends writing the same pages.
 */
function lanesForProcessors(): number {
  return Math.min(Math.max(availableParallelism() >> 1, 1), 4);
}

/** Makes the writer. One per process and database: its lanes keep the requests of one book in the order of their calls. */
export function createBatchWriter(options: BatchWriterOptions): BatchWriter {
  const { lanes: laneCount = lanesForProcessors(), batchSize = 1_000, queueSize = 10_000 } = options;
  const { db, answerWithinMs = 20_000 } = options;
  const delivery: Omit<Delivery, "connection"> = {
    ...options,
    clock: options.clock ?? systemClock,
    retryForMs: options.retryForMs ?? 15_000,
  };
  // A connection for each lane alone: what is sent on it is done in the order of sending, and its plans are made once.
  const connections = Array.from({ length: laneCount }, () =>
    createLaneConnection(() => db.openAnother(1), answerWithinMs),
  );
  const lanes = connections.map((connection) =>
    createLane((batch) => deliverBatch({ ...delivery, connection }, batch), batchSize),
  );
  let waitingCount = 0;
  let isStopped = false;

  function enqueue(request: QueuedRequest["request"], signal?: AbortSignal): Promise<Exclude<Answer, Error>> {
    return new Promise((resolve, reject) => {
      const lane = laneOf(lanes, request.bookId);
      const withdraw = () => {
        if (lane.withdraw(waiting)) waiting.settle(asError(signal?.reason));
      };
      const waiting: Waiting = {
        request,
        postingId: idOfKey(request.idempotencyKey),
        settle(answer: Answer | Error) {
          waitingCount -= 1;
          signal?.removeEventListener("abort", withdraw);
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        },
      };
      signal?.addEventListener("abort", withdraw);
      waitingCount += 1;
      lane.add(waiting);
    });
  }

  return {
    post(request, signal) {
      try {
        signal?.throwIfAborted();
        checkRequest(request);
        if (isStopped || waitingCount >= queueSize) throw new DomainError("overloaded", { retryAfterSeconds: 1 });
      } catch (error) {
        return Promise.reject(error);
      }
      return enqueue(request, signal) as Promise<PostingResult>;
    },
    async expireDue() {
      const due = await findDueBooks(db, delivery.clock);
      await Promise.all(due.map((bookId) => enqueue(dueRequest(bookId))));
      return due.length;
    },
    async stop() {
      isStopped = true;
      await Promise.all(lanes.map((lane) => lane.drain()));
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

const DUE_LIMIT = 1_000;

async function findDueBooks(db: Database, clock: Delivery["clock"]): Promise<string[]> {
  const rows = await db.sql<{ book_id: string }[]>`SELECT book_id FROM ledger.find_due(${clock.now()}, ${DUE_LIMIT})`;
  return rows.map((row) => row.book_id);
}

function dueRequest(bookId: string): DueRequest {
  return { bookId, kind: "due", amountMicro: 0n, description: "", idempotencyKey: newId() };
}

/** By the book's last digits: in a UUIDv7 they are random. */
function laneOf(lanes: readonly Lane[], bookId: string): Lane {
  const lane = lanes[Number.parseInt(bookId.slice(-4), 16) % lanes.length];
  if (!lane) throw new RangeError("A batch writer needs at least one lane.");
  return lane;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("The request was withdrawn.", { cause: reason });
}
