import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LONGEST_PAUSE_MS } from "./fan-out-debt.ts";
import { createFanOutPace } from "./fan-out-pace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A pace whose debt the test makes up. Notes who began. */
function givenPace({ owedMs }: { owedMs: number }) {
  const debt = { owedMs };
  const pace = createFanOutPace({ run: (deliver) => deliver(), owedMs: () => debt.owedMs });
  const begun: number[] = [];
  const join = (...members: number[]) => {
    for (const member of members) pace.whenFree(() => void begun.push(member));
  };
  return { pace, debt, begun, join };
}

test("deliveries begin before the call returns when nothing is owed, or next to nothing", () => {
  const { debt, begun, join } = givenPace({ owedMs: 0 });
  join(1);
  debt.owedMs = 0.2;
  join(2);
  expect(begun).toEqual([1, 2]);
  expect(vi.getTimerCount()).toBe(0);
});

test("thousands of organizations wait in the order in which they came, for one timer", () => {
  const { debt, begun, join } = givenPace({ owedMs: 100 });
  const members = Array.from({ length: 3_000 }, (_, n) => n);
  join(...members);
  expect(begun).toEqual([]);
  expect(vi.getTimerCount()).toBe(1);
  debt.owedMs = 0;
  vi.advanceTimersByTime(40);
  expect(begun).toEqual(members);
  expect(vi.getTimerCount()).toBe(0);
});

test("who comes later does not overtake those who wait, though nothing is owed any more", () => {
  const { debt, begun, join } = givenPace({ owedMs: 100 });
  join(1);
  debt.owedMs = 0;
  join(2);
  expect(begun).toEqual([]);
  vi.advanceTimersByTime(40);
  expect(begun).toEqual([1, 2]);
});

test("one delivery after the other waits for what the one before it took", () => {
  const { pace, debt, begun, join } = givenPace({ owedMs: 30 });
  pace.whenFree(() => {
    begun.push(1);
    debt.owedMs = 30;
  });
  join(2);
  debt.owedMs = 0;
  vi.advanceTimersByTime(30);
  expect(begun).toEqual([1]);
  debt.owedMs = 0;
  vi.advanceTimersByTime(30);
  expect(begun).toEqual([1, 2]);
});

test("nobody waits for longer than said, however much is owed", () => {
  const { begun, join } = givenPace({ owedMs: 1_000 });
  join(1, 2);
  vi.advanceTimersByTime(LONGEST_PAUSE_MS - 100);
  join(3);
  expect(begun).toEqual([]);
  vi.advanceTimersByTime(140);
  expect(begun).toEqual([1, 2]);
  vi.advanceTimersByTime(LONGEST_PAUSE_MS);
  expect(begun).toEqual([1, 2, 3]);
});

test("a delivery that fails does not hold up those behind it", () => {
  const { pace, debt, begun, join } = givenPace({ owedMs: 30 });
  pace.whenFree(() => {
    throw new Error("The socket is broken.");
  });
  join(2);
  debt.owedMs = 0;
  expect(() => vi.advanceTimersByTime(30)).toThrow("The socket is broken.");
  vi.advanceTimersByTime(1);
  expect(begun).toEqual([2]);
});

test("those who waited begin in several turns when their deliveries take long, and others get theirs in between", async () => {
  vi.useRealTimers();
  const { pace, debt } = givenPace({ owedMs: 10 });
  const order: string[] = [];
  const deliver = () => {
    if (order.length === 0) setImmediate(() => order.push("others"));
    order.push("delivery");
    const untilMs = performance.now() + 5;
    while (performance.now() < untilMs);
  };
  for (let n = 0; n < 4; n += 1) pace.whenFree(deliver);
  debt.owedMs = 0;
  await vi.waitFor(() => expect(order).toHaveLength(5));
  expect(order.lastIndexOf("delivery")).toBeGreaterThan(order.indexOf("others"));
});
