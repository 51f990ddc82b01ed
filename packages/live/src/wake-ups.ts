/** Somebody who sleeps until a thing happens. Wakers never wait for sleepers. */
export interface WakeUps {
  /** Wakes everybody who sleeps now. */
  wake(): void;
  /** Resolves at the next wake, or when the signal is aborted; never rejects. */
  next(signal: AbortSignal): Promise<void>;
}

/**
 * Makes one. Checking a condition and then calling `next` in the same turn of the event loop cannot miss a wake.
 */
export function createWakeUps(): WakeUps {
  let sleepers = new Set<() => void>();
  return {
    wake() {
      const woken = sleepers;
      sleepers = new Set();
      for (const wakeOne of woken) wakeOne();
    },
    next: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const done = () => {
          sleepers.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        sleepers.add(done);
        signal.addEventListener("abort", done);
      }),
  };
}
