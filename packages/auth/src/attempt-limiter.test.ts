import { expect, test } from "vitest";
import { createAttemptLimiter } from "./attempt-limiter.ts";

function given(burst: number, maxKeys?: number) {
  let nowMs = 1_000_000;
  const limiter = createAttemptLimiter({ now: () => new Date(nowMs) }, { burst, refillMs: 100 }, maxKeys);
  const takeMany = (key: string, times: number) => {
    for (let n = 0; n < times; n += 1) limiter.take(key);
  };
  return { limiter, takeMany, pass: (ms: number) => (nowMs += ms) };
}

test("as many attempts as the burst go at once, then one more per refill", () => {
  const { limiter, takeMany, pass } = given(3);
  takeMany("ada", 2);
  expect(limiter.waitMs("ada")).toBe(0);
  limiter.take("ada");
  expect(limiter.waitMs("ada")).toBe(100);
  pass(99);
  expect(limiter.waitMs("ada")).toBe(1);
  pass(1);
  expect(limiter.waitMs("ada")).toBe(0);
  limiter.take("ada");
  expect(limiter.waitMs("ada")).toBe(100);
});

test("the burst comes back after a pause, and never more than the burst", () => {
  const { limiter, takeMany, pass } = given(3);
  takeMany("ada", 3);
  pass(100_000);
  takeMany("ada", 3);
  expect(limiter.waitMs("ada")).toBe(100);
});

test("an attempt given back counts no more; the others still do", () => {
  const { limiter, takeMany } = given(3);
  takeMany("ada", 3);
  limiter.giveBack("ada");
  expect(limiter.waitMs("ada")).toBe(0);
  limiter.take("ada");
  expect(limiter.waitMs("ada")).toBe(100);
});

test("giving back more than was taken earns nothing", () => {
  const { limiter, takeMany } = given(3);
  for (let n = 0; n < 10; n += 1) limiter.giveBack("ada");
  takeMany("ada", 3);
  expect(limiter.waitMs("ada")).toBe(100);
});

test("keys do not count for each other", () => {
  const { limiter, takeMany } = given(1);
  takeMany("ada", 1);
  expect(limiter.waitMs("bob")).toBe(0);
});

test("memory is bounded: the key unused for longest is forgotten first", () => {
  const { limiter, takeMany } = given(1, 2);
  takeMany("ada", 1);
  takeMany("bob", 1);
  takeMany("ada", 1);
  takeMany("cyd", 1);
  expect(["ada", "bob", "cyd"].map((key) => limiter.waitMs(key) > 0)).toEqual([true, false, true]);
});
