import { DomainError } from "@guildhall/shared";

/** Runs heavy work a few at a time. */
export interface WorkQueue {
  /** @throws DomainError("overloaded") at once when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** How much may run and wait, in pieces of work. */
export interface WorkQueueLimits {
  maxRunning: number;
  maxWaiting: number;
}

/** Makes a queue, first come first served. Both bounds are hard: a flood is refused, it does not pile up in memory. */
export function createWorkQueue({ maxRunning, maxWaiting }: WorkQueueLimits): WorkQueue {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < maxRunning) {
      running += 1;
      return;
    }
    if (waiting.length >= maxWaiting) throw new DomainError("overloaded");
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    // The place passes on directly: a newcomer cannot slip in between.
    if (next) next();
    else running -= 1;
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
