import type { Clock } from "@guildhall/shared";

/** `burst` attempts at once, then one more every `refillMs` milliseconds. */
export interface AttemptRate {
  burst: number;
  refillMs: number;
}

/** Counts attempts by key, in memory. */
export interface AttemptLimiter {
  /** How long until the key may try again, in milliseconds; 0 when it may now. Counts nothing. */
  waitMs(key: string): number;
  /** Counts an attempt. */
  take(key: string): void;
  /** Takes one counted attempt back. */
  giveBack(key: string): void;
}

const MAX_KEYS = 50_000;

/**
 * Generic cell rate algorithm: one number per key, the time at which its attempts are all forgotten. Holds at most
 * `maxKeys` keys; then the one that was used least recently is forgotten first, so memory is bounded under a flood.
 */
export function createAttemptLimiter(clock: Clock, rate: AttemptRate, maxKeys = MAX_KEYS): AttemptLimiter {
  const forgottenAtMs = new Map<string, number>();
  const toleranceMs = rate.burst * rate.refillMs;

  function move(key: string, byMs: number): void {
    const nowMs = clock.now().getTime();
    const next = Math.max(forgottenAtMs.get(key) ?? 0, nowMs) + byMs;
    forgottenAtMs.delete(key); // Re-inserted behind all others: the map's order is the order of use.
    if (next > nowMs) forgottenAtMs.set(key, next);
    if (forgottenAtMs.size > maxKeys) forget();
  }

  function forget(): void {
    for (const oldest of forgottenAtMs.keys()) {
      forgottenAtMs.delete(oldest);
      return;
    }
  }

  return {
    waitMs(key) {
      const nowMs = clock.now().getTime();
      return Math.max(0, (forgottenAtMs.get(key) ?? 0) + rate.refillMs - toleranceMs - nowMs);
    },
    take: (key) => move(key, rate.refillMs),
    giveBack: (key) => move(key, -rate.refillMs),
  };
}
