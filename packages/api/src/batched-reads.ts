import { DomainError } from "@guildhall/shared";

/** How to read many at once, and how much may be under way. */
export interface BatchedReadsOptions<Value> {
  /** Reads several keys of one organization; a key without a value is left out. */
  readMany(organizationId: string, keys: string[]): Promise<Map<string, Value>>;
  /** Batches under way at a time, over all organizations: each holds a connection. Default 2. */
  maxRunning?: number;
  /** Requests that may wait, over all organizations; more are refused as overloaded. Default 10,000. */
  maxWaiting?: number;
}

type Waiter<Value> = { resolve(value: Value | undefined): void; reject(error: unknown): void };
type Batch<Value> = Map<string, Waiter<Value>[]>;
/** One organization's questions: those not yet sent, and whether earlier ones are under way or in line. */
type Queue<Value> = { organizationId: string; waiting: Batch<Value>; isBusy: boolean };

/**
 * Answers concurrent reads of one organization together. A read that is asked for while another is under way joins the
 * next one, which starts when that returns (no timer). So every answer was read after it was asked for: authority stays
 * read, not remembered, and a thousand requests still cost only a few queries.
 */
export class BatchedReads<Value> {
  readonly #options: Required<BatchedReadsOptions<Value>>;
  readonly #queues = new Map<string, Queue<Value>>();
  readonly #ready: Queue<Value>[] = [];
  #runningCount = 0;
  #waitingCount = 0;

  constructor(options: BatchedReadsOptions<Value>) {
    this.#options = { maxRunning: 2, maxWaiting: 10_000, ...options };
  }

  /** Reads one key. Undefined when there is no value. @throws overloaded */
  read(organizationId: string, key: string): Promise<Value | undefined> {
    if (this.#waitingCount >= this.#options.maxWaiting) return Promise.reject(new DomainError("overloaded"));
    this.#waitingCount += 1;
    const queue = this.#queues.get(organizationId) ?? { organizationId, waiting: new Map(), isBusy: false };
    this.#queues.set(organizationId, queue);
    const { promise, resolve, reject } = Promise.withResolvers<Value | undefined>();
    const waiters = queue.waiting.get(key);
    if (waiters) waiters.push({ resolve, reject });
    else queue.waiting.set(key, [{ resolve, reject }]);
    if (!queue.isBusy) this.#lineUp(queue);
    this.#startNext();
    return promise;
  }

  #lineUp(queue: Queue<Value>): void {
    queue.isBusy = true;
    this.#ready.push(queue);
  }

  #startNext(): void {
    while (this.#runningCount < this.#options.maxRunning) {
      const queue = this.#ready.shift();
      if (!queue) return;
      this.#runningCount += 1;
      void this.#run(queue);
    }
  }

  async #run(queue: Queue<Value>): Promise<void> {
    const batch = queue.waiting;
    queue.waiting = new Map();
    await this.#answer(queue.organizationId, batch);
    this.#runningCount -= 1;
    queue.isBusy = false;
    if (queue.waiting.size > 0) this.#lineUp(queue);
    else this.#queues.delete(queue.organizationId);
    this.#startNext();
  }

  /** Never fails: a failed read is the answer of those who asked. */
  async #answer(organizationId: string, batch: Batch<Value>): Promise<void> {
    const waiters = [...batch.values()].flat();
    try {
      const values = await this.#options.readMany(organizationId, [...batch.keys()]);
      for (const [key, asking] of batch) for (const waiter of asking) waiter.resolve(values.get(key));
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error);
    } finally {
      this.#waitingCount -= waiters.length;
    }
  }
}
