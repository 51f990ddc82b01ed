import { expect, test } from "vitest";
import type { LoggedEvent } from "./event-log.ts";
import { createTail } from "./tail.ts";

const at = new Date("2026-03-01T09:00:00.000Z");

function page(from: number, to: number): LoggedEvent[] {
  return Array.from({ length: to - from + 1 }, (_, n) => ({
    sequence: BigInt(from + n),
    event: { type: "organization.renamed", payload: { name: "x" } },
    audience: null,
    actorId: null,
    at,
  }));
}

const sequences = (events: readonly LoggedEvent[] | undefined) => events?.map(({ sequence }) => Number(sequence));

test("it remembers nothing until a follower has said where it stands", () => {
  const tail = createTail();
  tail.expect(7n);
  expect(tail.after(7n)).toBeUndefined();
  expect(tail.isBehind()).toBe(false);
  tail.settle(5n);
  expect(tail.isBehind()).toBe(true);
  expect(tail.after(5n)).toEqual([]);
  expect(tail.after(4n)).toBeUndefined();
});

test("it gives what comes after any place that it reaches back to, the same to everybody there", () => {
  const tail = createTail();
  tail.settle(0n);
  tail.expect(3n);
  expect(tail.beginRead()).toBe(0n);
  tail.append(page(1, 3), false);
  expect(tail.isBehind()).toBe(false);
  expect(sequences(tail.after(0n))).toEqual([1, 2, 3]);
  expect(sequences(tail.after(2n))).toEqual([3]);
  expect(tail.after(1n)).toBe(tail.after(1n));
  expect(tail.after(3n)).toEqual([]);
  expect(tail.after(9n)).toEqual([]);
});

test("old events are let go, and whoever is behind them has to read the log", () => {
  const tail = createTail();
  tail.settle(0n);
  tail.append(page(1, 1_000), true);
  expect(tail.isBehind()).toBe(true);
  tail.append(page(1_001, 1_500), false);
  expect(tail.after(499n)).toBeUndefined();
  expect(sequences(tail.after(500n))).toHaveLength(1_000);
});

test("a head that the log does not have is forgotten, unless it was named during the read", () => {
  const tail = createTail();
  tail.settle(5n);
  tail.expect(6n);
  tail.beginRead();
  tail.append([], false);
  expect(tail.isBehind()).toBe(false);
  tail.expect(6n);
  tail.beginRead();
  tail.expect(7n);
  tail.append(page(6, 6), false);
  expect(tail.isBehind()).toBe(true);
});

test("a follower further on than the memory makes it catch up", () => {
  const tail = createTail();
  tail.settle(5n);
  tail.settle(8n);
  expect(tail.isBehind()).toBe(true);
  expect(tail.beginRead()).toBe(5n);
});
