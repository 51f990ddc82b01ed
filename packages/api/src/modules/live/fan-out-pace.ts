import { createFanOutDebt, type FanOutDebt, LONGEST_PAUSE_MS } from "./fan-out-debt.ts";

/** Decides when deliveries may begin. */
export interface FanOutPace {
  /** Does a part of the deliveries, and counts what they take. */
  run<T>(deliver: () => T): T;
  /** Calls back when the next deliveries may begin, in the order of these calls: before it returns, unless they have to wait. */
  whenFree(begin: () => void): void;
}

/** After so long the need of the others is looked at anew, in milliseconds: a rush may be over sooner than it seemed. */
const LOOK_AGAIN_MS = 40;
/** Less than this is not worth a timer, in milliseconds: deliveries to a few follow each other at once. */
const NOT_WORTH_WAITING_MS = 2;
/** How long those who waited may begin one after the other in one turn of the event loop, in milliseconds. */
const TURN_MS = 8;

/**
 * Keeps deliveries from taking the thread away from the calls that cause them: when both compete, watchers hear less
 * often instead of everybody waiting. Balances are state, so a rarer frame says as much as two. One for all that a
 * process delivers: thousands of organizations wait in one line, for one timer.
 */
export function createFanOutPace(debt: FanOutDebt = createFanOutDebt()): FanOutPace {
  const waiting = new Set<{ begin: () => void; sinceMs: number }>();
  let isTimed = false;

  function pauseMs(): number {
    const owedMs = debt.owedMs();
    return owedMs < NOT_WORTH_WAITING_MS ? 0 : Math.min(owedMs, LOOK_AGAIN_MS);
  }

  function goOnAfter(waitMs: number): void {
    if (!isTimed) setTimeout(goOn, waitMs);
    isTimed = true;
  }

  function goOn(): void {
    const turnEndsMs = performance.now() + TURN_MS;
    let waitMs = 0;
    try {
      for (const next of waiting) {
        const isOverdue = performance.now() - next.sinceMs >= LONGEST_PAUSE_MS;
        waitMs = isOverdue ? 0 : pauseMs();
        if (waitMs > 0 || performance.now() > turnEndsMs) break;
        waiting.delete(next);
        next.begin();
      }
    } finally {
      isTimed = false;
      if (waiting.size > 0) goOnAfter(waitMs);
    }
  }

  return {
    run: (deliver) => debt.run(deliver),
    whenFree(begin) {
      const waitMs = pauseMs();
      if (waiting.size === 0 && waitMs === 0) {
        begin();
        return;
      }
      waiting.add({ begin, sinceMs: performance.now() });
      goOnAfter(waitMs);
    },
  };
}
