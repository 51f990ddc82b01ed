import { createHash } from "node:crypto";
import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { MINUTE_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { readHolds } from "./holds-and-lots.ts";
import { idOfKey } from "./idempotency-key.ts";
import type { Posted } from "./posting.ts";
import {
  balanceOf,
  createTestClock,
  givenBook,
  historyOf,
  hold,
  release,
  request,
  settle,
  topUp,
  transfer,
} from "./testing/given-book.ts";
import { verify } from "./verify.ts";

pgTest(
  "a hold lowers what is available, not what the wallet holds; settling takes the usage and frees the rest",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const book = await givenBook(db);
    await writer.post(topUp(book, 100n));
    const held = await writer.post(hold(book, 60n));
    expect(held).toMatchObject({ outcome: "accepted", balanceAfterMicro: 40n, heldMicro: 60n });
    expect(await balanceOf(db, book)).toMatchObject({ balanceMicro: 100n, heldMicro: 60n, availableMicro: 40n });
    expect(await writer.post(request(book, { kind: "adjustment", amountMicro: 1n }))).toMatchObject({ heldMicro: 60n });
    expect(await writer.post(request(book, { kind: "adjustment", amountMicro: -1n }))).toMatchObject({
      heldMicro: 60n,
    });
    expect(await writer.post(request(book, { amountMicro: -41n }))).toMatchObject({ outcome: "insufficient" });
    const holdId = held.outcome === "accepted" ? held.postingId : "";
    expect(await withOrganization(db, book, (tx) => readHolds(tx, book))).toMatchObject([{ holdId, amountMicro: 60n }]);
    const settled = await writer.post(settle(book, holdId, 25n));
    expect(settled).toMatchObject({
      outcome: "accepted",
      amountMicro: -25n,
      balanceAfterMicro: 75n,
      heldMicro: 0n,
      sequence: 6n,
    });
    expect(await historyOf(db, book)).toMatchObject([
      { kind: "top_up" },
      { kind: "hold", amountMicro: -60n },
      { kind: "adjustment" },
      { kind: "adjustment" },
      { kind: "release", amountMicro: 60n, balanceAfterMicro: 100n },
      { kind: "usage", amountMicro: -25n, balanceAfterMicro: 75n },
    ]);
    expect(await withOrganization(db, book, (tx) => readHolds(tx, book))).toEqual([]);
    expect(await verify(db, { bookId: book })).toEqual([]);
    await writer.stop();
  },
);

pgTest(
  "a hold is settled in full, in nothing, or beyond by its tolerance and what the wallet has, never further",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const book = await givenBook(db);
    await writer.post(topUp(book, 100n));
    const open = async (amount: bigint, toleranceMicro?: bigint) => {
      const { idempotencyKey } = await postAccepted(hold(book, amount, { toleranceMicro }));
      return idempotencyKey;
    };
    async function postAccepted(one: ReturnType<typeof hold>) {
      expect(await writer.post(one)).toMatchObject({ outcome: "accepted" });
      return one;
    }
    expect(await writer.post(settle(book, await open(10n), 10n))).toMatchObject({
      outcome: "accepted",
      balanceAfterMicro: 90n,
    });
    expect(await writer.post(settle(book, await open(90n), 90n))).toMatchObject({
      outcome: "accepted",
      balanceAfterMicro: 0n,
    });
    await writer.post(topUp(book, 100n));
    expect(await writer.post(settle(book, await open(10n), 0n))).toMatchObject({
      outcome: "accepted",
      amountMicro: 10n,
      balanceAfterMicro: 100n,
    });
    const exact = await open(10n);
    await expect(writer.post(settle(book, exact, 11n))).rejects.toMatchObject({ code: "hold_exceeded" });
    await postAccepted(release(book, exact));
    const tolerant = await open(95n, 10n);
    await expect(writer.post(settle(book, tolerant, 106n))).rejects.toMatchObject({ code: "hold_exceeded" });
    expect(await writer.post(settle(book, tolerant, 101n))).toMatchObject({
      ...{ outcome: "insufficient", balanceMicro: 100n, requiredMicro: 101n },
    });
    expect(await writer.post(settle(book, tolerant, 100n))).toMatchObject({
      outcome: "accepted",
      balanceAfterMicro: 0n,
    });
    expect(await verify(db, { bookId: book })).toEqual([]);
    await writer.stop();
  },
);

pgTest(
  "a hold ends once: retries are replays, a second end is refused, also when both come at once",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const book = await givenBook(db);
    await writer.post(topUp(book, 100n));
    const held = hold(book, 50n);
    await writer.post(held);
    expect(await writer.post(held)).toMatchObject({ outcome: "replayed", balanceAfterMicro: 50n });
    const [one, other] = [settle(book, held.idempotencyKey, 20n), release(book, held.idempotencyKey)];
    const ends = await Promise.allSettled([writer.post(one), writer.post(other)]);
    expect(ends).toMatchObject([{ value: { outcome: "accepted" } }, { reason: { code: "hold_closed" } }]);
    expect(await writer.post(one)).toMatchObject({ outcome: "replayed", amountMicro: -20n });
    expect(await writer.post({ ...one, amountMicro: -21n })).toMatchObject({ outcome: "conflict" });
    expect(await writer.post({ ...one, holdId: newId() })).toMatchObject({ outcome: "conflict" });
    await expect(writer.post(release(book, newId()))).rejects.toMatchObject({ code: "not_found" });
    expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 80n, heldMicro: 0n });
    await writer.stop();
  },
);

pgTest(
  "a hold that is due frees its credits before the next debit is tried, and cannot be settled any more",
  async ({ db }) => {
    const clock = createTestClock();
    const posted: Posted[] = [];
    const writer = createBatchWriter({ db, clock, onPosted: async (_tx, of) => void posted.push(...of) });
    const book = await givenBook(db);
    await writer.post(topUp(book, 100n));
    const held = hold(book, 100n, { expiresAt: new Date(clock.now().getTime() + MINUTE_MS) });
    await writer.post(held);
    clock.advance(MINUTE_MS - 1);
    expect(await writer.post(request(book, { amountMicro: -1n }))).toMatchObject({ outcome: "insufficient" });
    clock.advance(1);
    posted.length = 0;
    expect(await writer.post(request(book, { amountMicro: -30n }))).toMatchObject({
      outcome: "accepted",
      balanceAfterMicro: 70n,
    });
    expect(
      posted.map(({ request: { kind, bookId }, result }) => [kind, bookId, result.amountMicro, result.sequence]),
    ).toEqual([
      ["release", book, 100n, 3n],
      ["usage", book, -30n, 4n],
    ]);
    await expect(writer.post(settle(book, held.idempotencyKey, 5n))).rejects.toMatchObject({ code: "hold_closed" });
    expect(await verify(db, { bookId: book })).toEqual([]);
    await writer.stop();
  },
);

pgTest("holds that are due in wallets nobody uses are released by expireDue, once", async ({ db }) => {
  const clock = createTestClock();
  const moved: string[] = [];
  const writer = createBatchWriter({ db, clock, afterCommit: (bookIds) => void moved.push(...bookIds) });
  const [book, other] = [await givenBook(db), await givenBook(db)];
  for (const one of [book, other]) await writer.post(topUp(one, 10n));
  await writer.post(hold(book, 4n, { expiresAt: new Date(clock.now().getTime() + 1) }));
  await writer.post(hold(other, 4n, { expiresAt: new Date(clock.now().getTime() + MINUTE_MS) }));
  clock.advance(1);
  moved.length = 0;
  expect(await writer.expireDue()).toBe(1);
  expect(await writer.expireDue()).toBe(0);
  expect(moved).toEqual([book]);
  expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 10n, heldMicro: 0n });
  expect(await balanceOf(db, other)).toMatchObject({ availableMicro: 6n, heldMicro: 4n });
  clock.advance(MINUTE_MS);
  await writer.expireDue();
  await writer.stop();
});

pgTest(
  "onPosted hears of every posting of a batch, also those beside the requests, each book's in order",
  async ({ db }) => {
    const heard: Posted[] = [];
    const writer = createBatchWriter({ db, lanes: 1, onPosted: async (_tx, posted) => void heard.push(...posted) });
    const [book, other] = [await givenBook(db), await givenBook(db)];
    await writer.post(topUp(book, 100n));
    const [one, two] = [hold(book, 10n), hold(book, 10n)];
    await Promise.all([writer.post(one), writer.post(two)]);
    heard.length = 0;
    await Promise.all([
      writer.post(settle(book, one.idempotencyKey, 4n)),
      writer.post(transfer(book, other, 5n)),
      writer.post(settle(book, two.idempotencyKey, 0n)),
    ]);
    const of = (bookId: string) =>
      heard
        .filter((posted) => posted.request.bookId === bookId)
        .map(({ request: { kind }, result }) => [kind, result.amountMicro, result.sequence, result.balanceAfterMicro]);
    expect(of(book)).toEqual([
      ["release", 10n, 4n, 90n],
      ["settle", -4n, 5n, 86n],
      ["transfer", -5n, 6n, 81n],
      ["settle", 10n, 7n, 91n],
    ]);
    expect(of(other)).toEqual([["transfer", 5n, 1n, 5n]]);
    await writer.stop();
  },
);

pgTest(
  "a replay tells what was held at that time, whatever was held since; so the wallet's balance then comes out",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const book = await givenBook(db);
    await writer.post(topUp(book, 1_000n));
    const [used, held] = [request(book, { amountMicro: -10n }), hold(book, 500n)];
    const first = await writer.post(used);
    const reserved = await writer.post(held);
    expect(await writer.post(used)).toEqual({ ...first, outcome: "replayed" });
    await writer.post(release(book, reserved.outcome === "accepted" ? reserved.postingId : ""));
    expect(await writer.post(held)).toEqual({ ...reserved, outcome: "replayed" });
    expect(await writer.post(used)).toMatchObject({ balanceAfterMicro: 990n, heldMicro: 0n });
    await writer.stop();
  },
);

pgTest("the same key for a hold or a lot under other terms is a conflict", async ({ db }) => {
  const clock = createTestClock();
  const writer = createBatchWriter({ db, clock });
  const book = await givenBook(db);
  const [inAMinute, later] = [1, 2].map((minutes) => new Date(clock.now().getTime() + minutes * MINUTE_MS));
  const granted = topUp(book, 10n, { lot: { kind: "promotional", expiresAt: inAMinute as Date } });
  const held = hold(book, 4n, { toleranceMicro: 1n, expiresAt: inAMinute as Date });
  for (const one of [granted, held]) {
    const first = await writer.post(one);
    expect(await writer.post(one)).toEqual({ ...first, outcome: "replayed" });
  }
  for (const other of [
    { ...granted, lot: { kind: "paid" as const, expiresAt: inAMinute as Date } },
    { ...granted, lot: { kind: "promotional" as const, expiresAt: later as Date } },
    { ...granted, lot: { kind: "promotional" as const } },
    { ...held, hold: { toleranceMicro: 1n, expiresAt: later as Date } },
    { ...held, hold: { toleranceMicro: 2n, expiresAt: inAMinute as Date } },
    { ...held, hold: { expiresAt: inAMinute as Date } },
  ]) {
    expect(await writer.post(other)).toMatchObject({ outcome: "conflict" });
  }
  expect(await verify(db, { bookId: book })).toEqual([]);
  await writer.stop();
});

/** The ids that 0004 gave to the ends of holds. */
const derivedId = (role: string, book: string, id: string) =>
  createHash("md5")
    .update(`${role}:${book}:${id}`)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

pgTest("no key that a program can choose keeps a hold from ending", async ({ db }) => {
  const clock = createTestClock();
  const writer = createBatchWriter({ db, clock });
  const book = await givenBook(db);
  await writer.post(topUp(book, 100n));
  const inAMinute = new Date(clock.now().getTime() + MINUTE_MS);
  const looksLikeAKey = (id: string) => idOfKey(id) === id;
  const holds = Array.from({ length: 10 }, () => {
    for (;;) {
      const one = hold(book, 5n, { expiresAt: inAMinute });
      if (looksLikeAKey(derivedId("release", book, one.idempotencyKey))) return one;
    }
  });
  for (const one of holds) {
    await writer.post(one);
    const idempotencyKey = derivedId("release", book, one.idempotencyKey);
    expect(await writer.post(request(book, { amountMicro: -1n, idempotencyKey }))).toMatchObject({
      outcome: "accepted",
    });
  }
  const [settled] = holds;
  expect(await writer.post(settle(book, settled?.idempotencyKey ?? "", 3n))).toMatchObject({ outcome: "accepted" });
  clock.advance(MINUTE_MS);
  expect(await writer.post(request(book, { amountMicro: -87n }))).toMatchObject({ balanceAfterMicro: 0n });
  expect(await verify(db, { bookId: book })).toEqual([]);
  await writer.stop();
});
