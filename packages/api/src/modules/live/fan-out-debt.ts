import { performance } from "node:perf_hooks";

/** What the thread has used up to now, in milliseconds of processor time, and what time it is, in milliseconds. */
export interface ThreadUse {
  usedMs: number;
  nowMs: number;
}

/** What deliveries owe to the others on their thread. */
export interface FanOutDebt {
  /** Does a part of the deliveries, and counts what they take. */
  run<T>(deliver: () => T): T;
  /** How long others should have the thread before the next deliveries, in milliseconds, as it looks now; 0 = begin. */
  owedMs(): number;
}

/**
 * For each millisecond that deliveries take, others get so many, when they need them. With 2,000 watchers a round takes some 22 ms, so
 * they hear of a flood about six times a second, and it keeps seven eighths of its speed.
 */
const SHARE_OF_OTHERS = 8;
/**
 * Others are said to need the thread when they use this much of the time that deliveries leave: more than a wallet in plain use makes
 * of it (0.4 to 0.55 with 2,000 watchers), less than a flood of uses does (0.68 to 0.95).
 */
const BUSY = 0.6;
/** The use is averaged over about so long, in milliseconds: that of a moment is anything between nothing and all, in a flood as in plain use. */
const MEMORY_MS = 150;
/** Nobody waits longer than this, in milliseconds, however busy the thread is. */
export const LONGEST_PAUSE_MS = 300;
/** A share over less than this says nothing, in milliseconds. */
const SAMPLE_MS = 20;

/**
 * Counts what deliveries take and what others need. A process that has time owes nothing. Counts processor time: who
 * merely waits for a core needs no less because of it.
 */
export function createFanOutDebt(readUse: () => ThreadUse = readThreadUse): FanOutDebt {
  let sampled = readUse();
  let takenSinceSample: ThreadUse = { usedMs: 0, nowMs: 0 };
  let othersShare = 0;
  let freeAtMs = 0;

  function sample(): number {
    const { usedMs, nowMs } = readUse();
    const leftMs = nowMs - sampled.nowMs - takenSinceSample.nowMs;
    if (leftMs >= SAMPLE_MS) {
      const share = (usedMs - sampled.usedMs - takenSinceSample.usedMs) / leftMs;
      othersShare += (share - othersShare) * (1 - Math.exp(-leftMs / MEMORY_MS));
      sampled = { usedMs, nowMs };
      takenSinceSample = { usedMs: 0, nowMs: 0 };
    }
    return nowMs;
  }

  return {
    run(deliver) {
      const before = readUse();
      try {
        return deliver();
      } finally {
        const { usedMs, nowMs } = readUse();
        takenSinceSample.usedMs += usedMs - before.usedMs;
        takenSinceSample.nowMs += nowMs - before.nowMs;
        const owedMs = (usedMs - before.usedMs) * SHARE_OF_OTHERS;
        freeAtMs = Math.min(Math.max(freeAtMs, nowMs) + owedMs, nowMs + LONGEST_PAUSE_MS);
      }
    },
    owedMs() {
      const nowMs = sample();
      // Who did not need the time is owed none for it later.
      if (othersShare < BUSY) freeAtMs = nowMs;
      return Math.max(0, freeAtMs - nowMs);
    },
  };
}

function readThreadUse(): ThreadUse {
  const { user, system } = process.threadCpuUsage();
  return { usedMs: (user + system) / 1_000, nowMs: performance.now() };
}
