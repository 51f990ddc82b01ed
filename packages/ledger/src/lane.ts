import { setImmediate as nextTurn } from "node:timers/promises";
import type { Answer, QueuedRequest } from "./post-batch.ts";

/** A request that waits for its answer. */
export interface Waiting extends QueuedRequest {
  settle(answer: Answer | Error): void;
}

/** One queue whose batches leave one after the other: the next when the previous one has returned, never by a timer. */
export interface Lane {
  add(waiting: Waiting): void;
  /** Takes back a request that has not been sent yet; false when it is too late. */
  withdraw(waiting: Waiting): boolean;
  /** Resolves when nothing waits and nothing is under way. */
  drain(): Promise<void>;
}

type Deliver = (batch: readonly QueuedRequest[]) => Promise<(Answer | Error)[]>;

/** Makes a lane; `deliver` never rejects and answers in order. */
export function createLane(deliver: Deliver, batchSize: number): Lane {
  let queue: Waiting[] = [];
  let running: Promise<void> | undefined;

  function takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const again: Waiting[] = [];
    const company = createCompany();
    let seen = 0;
    for (; seen < queue.length && batch.length < batchSize; seen += 1) {
      const waiting = queue[seen] as Waiting;
      (company.admits(waiting) ? batch : again).push(waiting);
    }
    queue = [...again, ...queue.slice(seen)];
    return batch;
  }

  async function run(): Promise<void> {
    for (;;) {
      await nextTurn(); // Whoever was just answered, or arrives with this turn of the loop, comes along.
      const batch = takeBatch();
      if (batch.length === 0) break;
      const answers = await deliver(batch);
      batch.forEach((waiting, place) => {
        waiting.settle(answers[place] ?? new Error("The ledger gave no answer to a request."));
      });
    }
    running = undefined;
  }

  return {
    add(waiting) {
      queue.push(waiting);
      running ??= run();
    },
    withdraw(waiting) {
      const place = queue.indexOf(waiting);
      if (place >= 0) queue.splice(place, 1);
      return place >= 0;
    },
    async drain() {
      await running;
    },
  };
}

/**
 * Who may go together in one statement, which decides all at once. The same key twice would be posted twice, two ends of one
 * hold would both be accepted, and what a wallet receives from another one is only known when that one has been decided.
 * Whoever is not admitted goes with the next batch, in front.
 */
function createCompany() {
  const taken = new Set<string>();
  const receiving = new Set<string>();

  return {
    admits({ request, postingId }: QueuedRequest): boolean {
      const { bookId, holdId, toBookId } = request;
      const key = bookId + postingId;
      const hold = holdId && `${bookId}${holdId}!`;
      if (taken.has(key) || (hold && taken.has(hold)) || receiving.has(bookId)) return false;
      if (toBookId && taken.has(toBookId)) return false;
      taken.add(key).add(bookId);
      if (hold) taken.add(hold);
      if (toBookId) receiving.add(toBookId);
      return true;
    },
  };
}
