import type { Answer } from "./post-batch.ts";
import type { QueuedRequest } from "./queued-request.ts";

/** A request that waits for its answer. */
export interface Waiting extends QueuedRequest {
  settle(answer: Answer | Error): void;
}

/**
 * One queue whose batches leave when an earlier one has returned, never by a timer. Two are under way at most: while the database
 * works on one, the next is prepared and already sent. `deliver` keeps them in order.
 */
export interface Lane {
  add(waiting: Waiting): void;
  /** Takes back a request that has not been sent yet; false when it is too late. */
  withdraw(waiting: Waiting): boolean;
  /** Resolves when nothing waits and nothing is under way. */
  drain(): Promise<void>;
}

type Deliver = (batch: readonly QueuedRequest[]) => Promise<(Answer | Error)[]>;

const MOST_UNDER_WAY = 2;
/** From here on a queue is parted into two batches, so that one is prepared while the other is posted. */
const WORTH_PARTING = 32;

/** Makes a lane; `deliver` never rejects and answers in order. */
export function createLane(deliver: Deliver, batchSize: number): Lane {
  let queue: Waiting[] = [];
  let underWay = 0;
  let isWoken = false;
  const drained: (() => void)[] = [];
  const placing = createPlacing();

  function takeBatch(size: number): Waiting[] {
    const batch: Waiting[] = [];
    const again: Waiting[] = [];
    const company = createCompany(placing);
    let seen = 0;
    for (; seen < queue.length && batch.length < size; seen += 1) {
      const waiting = queue[seen] as Waiting;
      (company.admits(waiting) ? batch : again).push(waiting);
    }
    queue = again.length > 0 ? [...again, ...queue.slice(seen)] : queue.slice(seen);
    return batch.sort(byBook);
  }

  /** Whoever was just answered, or arrives with this turn of the loop, comes along. */
  function wake(): void {
    if (isWoken) return;
    isWoken = true;
    setImmediate(() => {
      isWoken = false;
      while (underWay < MOST_UNDER_WAY && queue.length > 0) {
        const batch = takeBatch(sizeOfNext());
        if (batch.length === 0) break; // All of them wait for what is under way.
        send(batch);
      }
      if (underWay === 0 && queue.length === 0) for (const tell of drained.splice(0)) tell();
    });
  }

  function sizeOfNext(): number {
    const isParted = underWay === 0 && queue.length >= WORTH_PARTING;
    return Math.min(batchSize, isParted ? Math.ceil(queue.length / 2) : queue.length);
  }

  async function send(batch: Waiting[]): Promise<void> {
    underWay += 1;
    const answers = await placing.during(batch, deliver);
    underWay -= 1;
    for (let place = 0; place < batch.length; place += 1) {
      const waiting = batch[place] as Waiting;
      waiting.settle(answers[place] ?? new Error("The ledger gave no answer to a request."));
    }
    wake();
  }

  return {
    add(waiting) {
      queue.push(waiting);
      if (underWay < MOST_UNDER_WAY) wake();
    },
    withdraw(waiting) {
      const place = queue.indexOf(waiting);
      if (place >= 0) queue.splice(place, 1);
      return place >= 0;
    },
    drain() {
      return new Promise((resolve) => {
        drained.push(resolve);
        wake();
      });
    },
  };
}

/** Requests of one book keep their order; books come in the order in which they are locked and stored, which costs least. */
function byBook(one: Waiting, other: Waiting): number {
  const [here, there] = [one.request.bookId, other.request.bookId];
  if (here === there) return 0;
  return here < there ? -1 : 1;
}

/** How a hold is named among those of all books: the one that a request places, or ends. */
function nameHold({ request: { bookId, kind, holdId }, postingId }: QueuedRequest): string | undefined {
  if (kind === "hold") return `${bookId}${postingId}!`;
  return holdId && `${bookId}${holdId}!`;
}

/** Knows the holds that are being placed: those of batches that were sent and are not answered yet. */
function createPlacing() {
  // A hold that was sent twice is under way in two batches.
  const counts = new Map<string, number>();
  function count(hold: string, by: 1 | -1): void {
    const sum = (counts.get(hold) ?? 0) + by;
    if (sum > 0) counts.set(hold, sum);
    else counts.delete(hold);
  }

  return {
    has: (hold: string) => counts.has(hold),
    /** `deliver` never rejects. */
    async during(batch: Waiting[], deliver: Deliver) {
      const holds = batch.filter(({ request }) => request.kind === "hold").map((waiting) => nameHold(waiting) ?? "");
      for (const hold of holds) count(hold, 1);
      const answers = await deliver(batch);
      for (const hold of holds) count(hold, -1);
      return answers;
    },
  };
}

/**
 * Who may go together in one statement, which decides all at once. The same key twice would be posted twice, two ends of one
 * hold would both be accepted, and what a wallet receives from another one is only known when that one has been decided.
 * Whoever is not admitted goes with the next batch, in front. An end that was sent right after its hold waits for it: it would find
 * none in the same batch, nor in the next one when this one has to be tried again.
 */
function createCompany(placing: { has(hold: string): boolean }) {
  const taken = new Set<string>();
  const receiving = new Set<string>();

  return {
    admits(queued: QueuedRequest): boolean {
      const { bookId, holdId, toBookId } = queued.request;
      const key = bookId + queued.postingId;
      const hold = nameHold(queued);
      if (taken.has(key) || (hold && taken.has(hold)) || receiving.has(bookId)) return false;
      if (toBookId && taken.has(toBookId)) return false;
      if (holdId && hold && placing.has(hold)) return false;
      taken.add(key).add(bookId);
      if (hold) taken.add(hold);
      if (toBookId) receiving.add(toBookId);
      return true;
    },
  };
}
