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
    const keys = new Set<string>();
    const batch: Waiting[] = [];
    const again: Waiting[] = [];
    let seen = 0;
    for (; seen < queue.length && batch.length < batchSize; seen += 1) {
      const waiting = queue[seen] as Waiting;
      const key = waiting.request.bookId + waiting.postingId;
      // A key twice in one batch would be posted twice by one statement: the second goes with the next and is a replay.
      (keys.has(key) ? again : batch).push(waiting);
      keys.add(key);
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
