import { expect, test } from "vitest";
import { conflate } from "./conflate.ts";
import type { LoggedEvent } from "./event-log.ts";

const at = new Date("2026-03-01T09:00:00.000Z");

function balance(sequence: number, audience: string[] | null = null): LoggedEvent {
  const payload = {
    balanceMicro: String(sequence),
    heldMicro: "0",
    availableMicro: String(sequence),
    fromSequence: String(sequence * 10),
    toSequence: String(sequence * 10 + 9),
  };
  return {
    sequence: BigInt(sequence),
    event: { type: "wallet.balance_changed", payload },
    audience,
    actorId: null,
    at,
  };
}

function renamed(sequence: number): LoggedEvent {
  const event = { type: "organization.renamed", payload: { name: "x" } } as const;
  return { sequence: BigInt(sequence), event, audience: null, actorId: null, at };
}

test("a run of balances becomes the last one, with the whole range of postings", () => {
  const [only, ...rest] = conflate([balance(1), balance(2), balance(3)]);
  expect(rest).toEqual([]);
  expect(only).toMatchObject({
    sequence: 3n,
    event: { payload: { balanceMicro: "3", fromSequence: "10", toSequence: "39" } },
  });
});

test("balances are not merged across another event, nor across audiences", () => {
  const events = [balance(1), renamed(2), balance(3), balance(4, ["owner"]), balance(5, ["owner", "admin"])];
  expect(conflate(events)).toEqual(events);
});

test("what it was given stays as it was: others follow the same events", () => {
  const events = [balance(1), balance(2)];
  const before = structuredClone(events);
  conflate(events);
  expect(events).toEqual(before);
});
