import { expect, test } from "vitest";
import { createMessageGate } from "./message-gate.ts";

const limits = { messagesPerSecond: 10, messageBurst: 20, subscriptions: 2, calls: 1 };

function givenGate() {
  let nowMs = 0;
  const gate = createMessageGate(limits, () => nowMs);
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { gate, wait };
}

const request = (id: number, method: string) => ({ id, method, params: { path: "x" } });
const answered = (id: number, type: string) => ({ id, result: { type } });

test("the rate allows a burst, then fills steadily, never beyond the burst", () => {
  const { gate, wait } = givenGate();
  expect(gate.spend(20)).toBe(true);
  expect(gate.spend(1)).toBe(false);
  wait(100);
  expect(gate.spend(1)).toBe(true);
  expect(gate.spend(1)).toBe(false);
  wait(3_600_000);
  expect(gate.spend(21)).toBe(false);
  expect(gate.spend(20)).toBe(true);
});

test("calls and subscriptions are limited apart, and answers make room", () => {
  const { gate } = givenGate();
  expect(gate.decide(request(1, "query"))).toEqual({ kind: "pass" });
  expect(gate.decide(request(2, "mutation"))).toMatchObject({ kind: "too_many", id: 2, path: "x", type: "mutation" });
  gate.noteAnswer(answered(1, "data"));
  expect(gate.decide(request(3, "mutation"))).toEqual({ kind: "pass" });
  for (const id of [4, 5])
    expect(gate.decide(request(id, "subscription"))).toMatchObject({ kind: "subscribe", request: { id } });
  expect(gate.decide(request(6, "subscription"))).toMatchObject({ kind: "too_many" });
  gate.noteAnswer(answered(4, "started"));
  gate.noteAnswer(answered(4, "data"));
  expect(gate.subscriptionCount()).toBe(2);
  gate.noteAnswer(answered(4, "stopped"));
  gate.noteAnswer({ id: 5, error: {} });
  expect(gate.subscriptionCount()).toBe(0);
});

test("an id that is in use cannot be used again", () => {
  const { gate } = givenGate();
  gate.decide(request(1, "subscription"));
  expect(gate.decide(request(1, "query"))).toMatchObject({ kind: "violation" });
});

test("a stop that overtakes the start is given back when the subscription has started", () => {
  const { gate } = givenGate();
  gate.decide(request(1, "subscription"));
  gate.decide({ id: 1, method: "subscription.stop" });
  expect(gate.noteAnswer(answered(1, "started"))).toBe(1);
  expect(gate.noteAnswer(answered(1, "stopped"))).toBeUndefined();
});

test("a stop in time is left to tRPC; a refused subscription that was stopped is over", () => {
  const { gate } = givenGate();
  gate.decide(request(1, "subscription"));
  expect(gate.noteAnswer(answered(1, "started"))).toBeUndefined();
  gate.decide({ id: 1, method: "subscription.stop" });
  expect(gate.noteAnswer(answered(1, "stopped"))).toBeUndefined();
  gate.decide(request(2, "subscription"));
  gate.decide({ id: 2, method: "subscription.stop" });
  expect(gate.noteAnswer({ id: 2, error: {} })).toBeUndefined();
  expect(gate.subscriptionCount()).toBe(0);
});

test.each([
  null,
  7,
  "x",
  [],
  {},
  { id: null },
  { id: 1, method: "query" },
  { id: 1, method: "evil", params: { path: "x" } },
  { id: "x".repeat(65), method: "subscription", params: { path: "live.person" } },
  { id: Number.POSITIVE_INFINITY, method: "subscription", params: { path: "live.person" } },
  { id: 1, method: "subscription", params: { path: "live.person", lastEventId: 5 } },
  { id: "x".repeat(65), method: "subscription.stop" },
])("%o is nothing that our pages send: it never reaches tRPC, which would take some of it", (message) => {
  const { gate } = givenGate();
  for (let n = 0; n < 9; n += 1) expect(gate.decide(message)).toMatchObject({ kind: "violation" });
});
