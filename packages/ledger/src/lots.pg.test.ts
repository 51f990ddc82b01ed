import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS } from "@guildhall/shared";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { readBurns, readLots } from "./holds-and-lots.ts";
import type { NewLot, PostingAccepted, PostingRequest } from "./posting.ts";
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

/** A wallet on a clock that stands still, with names for its lots. */
async function givenWallet(db: Database) {
  const clock = createTestClock();
  const writer = createBatchWriter({ db, clock });
  const book = await givenBook(db);
  const names = new Map<string, string>();
  const inDays = (days: number) => new Date(clock.now().getTime() + days * DAY_MS);
  const post = async (one: PostingRequest) => {
    const result = await writer.post(one);
    if (result.outcome !== "accepted") throw new Error(result.outcome);
    return result as PostingAccepted;
  };
  return {
    clock,
    writer,
    book,
    post,
    spend: (amount: bigint) => post(request(book, { amountMicro: -amount })),
    async grant(name: string, amount: bigint, kind: NewLot["kind"], days?: number) {
      const expiresAt = days === undefined ? undefined : inDays(days);
      const { postingId } = await post(topUp(book, amount, { lot: { kind, ...(expiresAt && { expiresAt }) } }));
      names.set(postingId, name);
    },
    async burnedBy(posting: { sequence: bigint }) {
      const burns = await withOrganization(db, book, (tx) => readBurns(tx, book, [posting.sequence]));
      return Object.fromEntries(burns.map((burn) => [names.get(burn.lotId), burn.amountMicro]));
    },
    async left(days?: number) {
      const scope = days === undefined ? {} : { expiringBefore: inDays(days) };
      const lots = await withOrganization(db, book, (tx) => readLots(tx, book, scope));
      return lots.map((lot) => [names.get(lot.lotId), lot.remainingMicro]);
    },
  };
}

pgTest(
  "promotional credits burn before paid ones, the earliest expiry first, those without a lot last; each debit says which",
  async ({ db }) => {
    const wallet = await givenWallet(db);
    await wallet.post(topUp(wallet.book, 10n));
    await wallet.grant("paid late", 10n, "paid", 90);
    await wallet.grant("promo without end", 10n, "promotional");
    await wallet.grant("paid soon", 10n, "paid", 5);
    await wallet.grant("promo soon", 10n, "promotional", 10);
    expect(await wallet.left()).toEqual([
      ["promo soon", 10n],
      ["promo without end", 10n],
      ["paid soon", 10n],
      ["paid late", 10n],
    ]);
    expect(await wallet.burnedBy(await wallet.spend(4n))).toEqual({ "promo soon": 4n });
    expect(await wallet.burnedBy(await wallet.spend(18n))).toEqual({
      "promo soon": 6n,
      "promo without end": 10n,
      "paid soon": 2n,
    });
    expect(await wallet.left(30)).toEqual([["paid soon", 8n]]);
    expect(await wallet.burnedBy(await wallet.spend(25n))).toEqual({ "paid soon": 8n, "paid late": 10n });
    expect(await wallet.left()).toEqual([]);
    expect(await wallet.burnedBy(await wallet.spend(3n))).toEqual({});
    expect(await verify(db)).toEqual([]);
    await wallet.writer.stop();
  },
);

pgTest(
  "many debits in one batch burn the lots one after the other, and a lot that arrives among them serves only later ones",
  async ({ db }) => {
    const wallet = await givenWallet(db);
    await wallet.grant("first", 10n, "promotional", 1);
    const spend = (amount: bigint) => wallet.spend(amount);
    const [one, two, , three, four] = await Promise.all([
      spend(4n),
      spend(3n),
      wallet.grant("second", 10n, "promotional", 0.5),
      spend(5n),
      spend(8n),
    ]);
    expect(await wallet.burnedBy(one)).toEqual({ first: 4n });
    expect(await wallet.burnedBy(two)).toEqual({ first: 3n });
    expect(await wallet.burnedBy(three)).toEqual({ second: 5n });
    expect(await wallet.burnedBy(four)).toEqual({ second: 5n, first: 3n });
    expect(await balanceOf(db, wallet.book)).toMatchObject({ availableMicro: 0n });
    expect(await verify(db)).toEqual([]);
    await wallet.writer.stop();
  },
);

pgTest(
  "expiry is checked at the debit: what has expired cannot be spent, and the history says where it went",
  async ({ db }) => {
    const wallet = await givenWallet(db);
    await wallet.post(topUp(wallet.book, 5n));
    await wallet.grant("promo", 10n, "promotional", 1);
    await wallet.spend(3n);
    wallet.clock.advance(DAY_MS);
    expect(await wallet.writer.post(request(wallet.book, { amountMicro: -6n }))).toMatchObject({
      outcome: "insufficient",
      balanceMicro: 5n,
    });
    expect(await wallet.spend(5n)).toMatchObject({ balanceAfterMicro: 0n });
    expect(await historyOf(db, wallet.book)).toMatchObject([
      { kind: "top_up" },
      { kind: "top_up" },
      { kind: "usage" },
      { kind: "expiry", amountMicro: -7n, balanceAfterMicro: 5n, description: "Credits expired" },
      { kind: "usage" },
    ]);
    expect(await verify(db)).toEqual([]);
    await wallet.writer.stop();
  },
);

pgTest(
  "a hold keeps its credits beyond their expiry; what it gives back to an expired lot expires then",
  async ({ db }) => {
    const wallet = await givenWallet(db);
    await wallet.grant("promo", 10n, "promotional", 1);
    const [used, unused] = [5n, 3n].map((amount) =>
      hold(wallet.book, amount, { expiresAt: new Date(Date.now() + 9 * DAY_MS) }),
    );
    await wallet.post(used!);
    await wallet.post(unused!);
    expect(await wallet.left()).toEqual([["promo", 2n]]);
    wallet.clock.advance(DAY_MS);
    expect(await wallet.post(settle(wallet.book, used!.idempotencyKey, 4n))).toMatchObject({
      balanceAfterMicro: 1n,
      heldMicro: 3n,
    });
    await wallet.post(release(wallet.book, unused!.idempotencyKey));
    await wallet.writer.expireDue();
    expect(await balanceOf(db, wallet.book)).toMatchObject({ balanceMicro: 0n, heldMicro: 0n });
    const expired = (await historyOf(db, wallet.book)).filter((posting) => posting.kind === "expiry");
    expect(expired.map((posting) => posting.amountMicro)).toEqual([-2n, -1n, -3n]);
    expect(await verify(db)).toEqual([]);
    await wallet.writer.stop();
  },
);

pgTest("a transfer moves credits between two wallets, with their lots, at once or not at all", async ({ db }) => {
  const wallet = await givenWallet(db);
  const other = await givenBook(db);
  await wallet.post(topUp(wallet.book, 5n));
  await wallet.grant("promo", 4n, "promotional", 1);
  const given = transfer(wallet.book, other, 6n);
  expect(await wallet.post(given)).toMatchObject({ amountMicro: -6n, balanceAfterMicro: 3n });
  expect(await wallet.writer.post(given)).toMatchObject({ outcome: "replayed" });
  expect(await wallet.writer.post({ ...given, toBookId: await givenBook(db) })).toMatchObject({ outcome: "conflict" });
  expect(await wallet.writer.post(transfer(wallet.book, other, 4n))).toMatchObject({ outcome: "insufficient" });
  expect(await balanceOf(db, other)).toMatchObject({ availableMicro: 6n, sequence: 1n });
  expect(await withOrganization(db, other, (tx) => readLots(tx, other))).toMatchObject([
    { kind: "promotional", remainingMicro: 4n, expiresAt: new Date(wallet.clock.now().getTime() + DAY_MS) },
  ]);
  wallet.clock.advance(DAY_MS);
  await wallet.writer.expireDue();
  expect(await balanceOf(db, other)).toMatchObject({ availableMicro: 2n });
  expect(await verify(db)).toEqual([]);
  await wallet.writer.stop();
});

pgTest("wallets that pay each other at the same time neither deadlock nor lose a credit", async ({ db }) => {
  const writer = createBatchWriter({ db, lanes: 4 });
  const books = await Promise.all(Array.from({ length: 6 }, () => givenBook(db)));
  await Promise.all(books.map((book) => writer.post(topUp(book, 50n))));
  const among = books.flatMap((from) => books.filter((to) => to !== from).map((to) => ({ from, to })));
  const results = await Promise.all(
    Array.from({ length: 10 }, () => among)
      .flat()
      .map(({ from, to }, place) => writer.post(transfer(from, to, BigInt(1 + (place % 7))))),
  );
  expect(results.filter(({ outcome }) => outcome === "accepted").length).toBeGreaterThan(60);
  expect(results.every(({ outcome }) => outcome === "accepted" || outcome === "insufficient")).toBe(true);
  const balances = await Promise.all(books.map((book) => balanceOf(db, book)));
  expect(balances.reduce((sum, one) => sum + one.balanceMicro, 0n)).toBe(300n);
  expect(await verify(db)).toEqual([]);
  await writer.stop();
});

pgTest("credits of different types never mix", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const [plain, typed] = [
    await givenBook(db),
    await givenBook(db, { creditTypeId: "0190a000-0000-7000-8000-000000000001" }),
  ];
  await writer.post(topUp(plain, 50n));
  await expect(writer.post(transfer(plain, typed, 1n))).rejects.toMatchObject({ code: "invalid_input" });
  await expect(writer.post(transfer(plain, plain, 1n))).rejects.toMatchObject({ code: "invalid_input" });
  await writer.stop();
});

pgTest(
  "a refund returns to the lots that were burned, which end when they would have ended; no more than it is returns",
  async ({ db }) => {
    const wallet = await givenWallet(db);
    await wallet.grant("promo", 10n, "promotional", 5);
    await wallet.grant("paid", 10n, "paid", 50);
    await wallet.post(topUp(wallet.book, 10n));
    const spent = await wallet.spend(25n);
    const refundOf = spent.postingId;
    const refund = (amountMicro: bigint) =>
      wallet.post(request(wallet.book, { kind: "refund", amountMicro, refundOf }));
    expect(await wallet.left()).toEqual([]);
    // In one batch: 5 were without a lot and return first; what comes after the refund burns what came back.
    const [half, after] = await Promise.all([refund(17n), wallet.spend(3n)]);
    expect(await wallet.burnedBy(half)).toEqual({ paid: -10n, promo: -2n });
    expect(await wallet.burnedBy(after)).toEqual({ promo: 2n, paid: 1n });
    expect(await wallet.left()).toEqual([["paid", 9n]]);
    await expect(refund(1n)).rejects.toMatchObject({ code: "23505" });
    expect(await verify(db)).toEqual([]);

    const again = await givenWallet(db);
    await again.grant("promo", 10n, "promotional", 5);
    const { postingId } = await again.spend(10n);
    again.clock.advance(6 * DAY_MS);
    await again.post(request(again.book, { kind: "refund", amountMicro: 10n, refundOf: postingId }));
    expect(await again.left()).toEqual([["promo", 10n]]);
    await again.writer.expireDue();
    expect(await balanceOf(db, again.book)).toMatchObject({ availableMicro: 0n });
    expect(await verify(db)).toEqual([]);
    await Promise.all([wallet.writer.stop(), again.writer.stop()]);
  },
);

pgTest(
  "what comes back to a lot that has expired cannot be spent by whatever comes after it in the same batch",
  async ({ db }) => {
    for (const comesBack of ["release", "settle", "refund"] as const) {
      const wallet = await givenWallet(db);
      await wallet.grant("promo", 10n, "promotional", 1);
      const placed = hold(wallet.book, 10n, { expiresAt: new Date(wallet.clock.now().getTime() + 9 * DAY_MS) });
      const { postingId } = comesBack === "refund" ? await wallet.spend(10n) : await wallet.post(placed);
      wallet.clock.advance(2 * DAY_MS);
      const back = {
        release: release(wallet.book, postingId),
        settle: settle(wallet.book, postingId, 4n),
        refund: request(wallet.book, { kind: "refund", amountMicro: 10n, refundOf: postingId }),
      }[comesBack];
      const [returned, spent, added] = await Promise.all([
        wallet.writer.post(back),
        wallet.writer.post(request(wallet.book, { amountMicro: -5n })),
        wallet.writer.post(topUp(wallet.book, 1n)),
      ]);
      expect([comesBack, returned.outcome, spent.outcome, added.outcome]).toEqual([
        comesBack,
        "accepted",
        "insufficient",
        "accepted",
      ]);
      expect(await wallet.writer.post(back)).toEqual({ ...returned, outcome: "replayed" });
      expect(await balanceOf(db, wallet.book)).toMatchObject({ balanceMicro: 1n });
      expect(await verify(db, { bookId: wallet.book })).toEqual([]);
      await wallet.writer.stop();
    }
  },
);
