import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createThrottle } from "./throttle";

describe("a throttle", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("runs at once, then once more for everything asked meanwhile", async () => {
    let runs = 0;
    const throttle = createThrottle(async () => {
      runs += 1;
    }, 400);
    for (let n = 0; n < 100; n += 1) throttle.request();
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(399);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(101);
    expect(runs).toBe(2);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(runs).toBe(2);
  });

  test("never runs twice at a time, and the last request is always answered", async () => {
    const ends: (() => void)[] = [];
    const throttle = createThrottle(() => new Promise<void>((resolve) => ends.push(resolve)), 400);
    throttle.request();
    throttle.request();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(6_250);
    expect(ends).toHaveLength(2);
  });

  test("asks a server that is slow to answer more rarely, but never waits for longer than six seconds", async () => {
    let tookMs = 1_000;
    const startedAt: number[] = [];
    const throttle = createThrottle(() => {
      startedAt.push(Date.now());
      return new Promise((resolve) => setTimeout(resolve, tookMs));
    }, 400);
    const run = async () => {
      const count = startedAt.length;
      throttle.request();
      while (startedAt.length === count) await vi.advanceTimersByTimeAsync(50);
      return Date.now() - (startedAt.at(-2) ?? 0);
    };
    await run();
    expect(await run()).toBeGreaterThanOrEqual(1_000 + 3_000);
    tookMs = 60_000;
    await run();
    expect(await run()).toBeLessThanOrEqual(60_000 + 6_250 + 50);
  });

  test("pages that were woken in the same moment do not stay together", async () => {
    const secondAt = new Set<number>();
    for (let page = 0; page < 20; page += 1) {
      let runs = 0;
      const throttle = createThrottle(async () => {
        runs += 1;
        if (runs === 2) secondAt.add(Date.now());
      }, 400);
      throttle.request();
      throttle.request();
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(secondAt.size).toBeGreaterThan(5);
  });

  test("does nothing after it was stopped", async () => {
    let runs = 0;
    const throttle = createThrottle(async () => {
      runs += 1;
    }, 400);
    throttle.request();
    throttle.request();
    throttle.stop();
    throttle.request();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(runs).toBe(1);
    throttle.resume();
    throttle.request();
    expect(runs).toBe(2);
  });
});
