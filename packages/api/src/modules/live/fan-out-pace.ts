import { performance } from "node:perf_hooks";

/** What the thread has used up to now, in milliseconds of processor time, and what time it is, in milliseconds. */
export interface ThreadUse {
  usedMs: number;
  nowMs: number;
}

/** Decides when the next deliveries may begin. */
export interface FanOutPace {
  /** Does a part of the deliveries, and counts what they take. */
  run<T>(deliver: () => T): T;
  /** How long to wait before asking again, in milliseconds; 0 = begin. */
  pauseMs(): number;
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
const LONGEST_PAUSE_MS = 300;
/** After so long the need of the others is looked at anew, in milliseconds: a rush may be over sooner than it seemed. */
const LOOK_AGAIN_MS = 40;
/** A share over less than this says nothing, in milliseconds. */
const SAMPLE_MS = 20;

/**
 * Keeps deliveries from taking the thread away from the calls that cause them: when both compete, watchers hear less
 * often instead of everybody waiting. Balances are state, so a rarer frame says as much as two. A process that has time
 * does not pause at all. Counts processor time: who merely waits for a core needs no less because of it.
 */
export function createFanOutPace(readUse: () => ThreadUse = readThreadUse): FanOutPace {
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
    pauseMs() {
      const nowMs = sample();
      // Who did not need the time is owed none for it later.
      if (othersShare < BUSY) freeAtMs = nowMs;
      return Math.min(Math.max(0, freeAtMs - nowMs), LOOK_AGAIN_MS);
    },
  };
}

function readThreadUse(): ThreadUse {
  const { user, system } = process.threadCpuUsage();
  return { usedMs: (user + system) / 1_000, nowMs: performance.now() };
}
