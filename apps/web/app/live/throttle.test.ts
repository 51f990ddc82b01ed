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
    await vi.advanceTimersByTimeAsync(400);
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
    await vi.advanceTimersByTimeAsync(400);
    expect(ends).toHaveLength(2);
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
