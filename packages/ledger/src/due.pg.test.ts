import { pgTest } from "@guildhall/db/testing";
import { HOUR_MS } from "@guildhall/shared";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { MAX_AMOUNT_MICRO } from "./check-request.ts";
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
} from "./testing/given-book.ts";
import { verify } from "./verify.ts";

pgTest(
  "all that is due in a wallet ends before the next debit is tried, however much it is",
  { timeout: 300_000 },
  async ({ db }) => {
    const clock = createTestClock();
    const writer = createBatchWriter({ db, clock });
    const book = await givenBook(db);
    const inAnHour = new Date(clock.now().getTime() + HOUR_MS);
    const lots = Array.from({ length: 1_001 }, () =>
      topUp(book, 1n, { lot: { kind: "promotional", expiresAt: inAnHour } }),
    );
    await Promise.all(lots.map((lot) => writer.post(lot)));
    await writer.post(topUp(book, 2_000n));
    const holds = Array.from({ length: 1_001 }, () => hold(book, 2n, { expiresAt: inAnHour }));
    await Promise.all(holds.map((one) => writer.post(one)));
    expect(await balanceOf(db, book)).toMatchObject({ heldMicro: 2_002n, availableMicro: 999n });
    clock.advance(HOUR_MS);
    expect(await writer.post(request(book, { amountMicro: -2_001n }))).toMatchObject({
      outcome: "insufficient",
      balanceMicro: 2_000n,
    });
    expect(await balanceOf(db, book)).toMatchObject({ heldMicro: 0n, availableMicro: 2_000n });
    expect(await writer.expireDue()).toBe(0);
    expect(await verify(db, { bookId: book })).toEqual([]);
    await writer.stop();
  },
);

pgTest(
  "what is due ends in a wallet that is too large to count on, and its other debits stay possible",
  async ({ db }) => {
    const clock = createTestClock();
    const writer = createBatchWriter({ db, clock });
    const book = await givenBook(db);
    const inAnHour = new Date(clock.now().getTime() + HOUR_MS);
    await writer.post(topUp(book, 5n, { lot: { kind: "promotional", expiresAt: inAnHour } }));
    await writer.post(hold(book, 3n, { expiresAt: inAnHour }));
    for (let n = 0; n < 2; n += 1) {
      await Promise.allSettled(Array.from({ length: 1_000 }, () => writer.post(topUp(book, MAX_AMOUNT_MICRO))));
    }
    clock.advance(HOUR_MS);
    await expect(writer.post(topUp(book, 1n))).rejects.toMatchObject({ code: "invalid_input" });
    expect((await historyOf(db, book)).slice(-2)).toMatchObject([
      { kind: "release", amountMicro: 3n },
      { kind: "expiry", amountMicro: -5n },
    ]);
    expect(await verify(db, { bookId: book })).toEqual([]);
    await writer.stop();
  },
);

pgTest(
  "two processes that expire, settle, release and spend at once: each hold ends once, nothing expired is spent",
  async ({ db, openSecondConnection }) => {
    const clock = createTestClock();
    // The other one's clock is a little behind, as clocks are.
    const behind = { now: () => new Date(clock.now().getTime() - 1_000) };
    const [here, there] = [
      createBatchWriter({ db, clock }),
      createBatchWriter({ db: openSecondConnection(), clock: behind }),
    ];
    const books = await Promise.all(Array.from({ length: 8 }, () => givenBook(db)));
    for (let round = 0; round < 5; round += 1) {
      const inAnHour = new Date(clock.now().getTime() + HOUR_MS);
      const holds = books.flatMap((book) => Array.from({ length: 4 }, () => hold(book, 10n, { expiresAt: inAnHour })));
      for (const book of books)
        await here.post(topUp(book, 50n, { lot: { kind: "promotional", expiresAt: inAnHour } }));
      for (const one of holds) await here.post(one);
      clock.advance(HOUR_MS + (round % 2) * 1_000);
      const ends = await Promise.allSettled([
        here.expireDue(),
        there.expireDue(),
        ...holds.map((one, n) => (n % 2 === 0 ? here : there).post(settle(one.bookId, one.idempotencyKey, 4n))),
        ...holds.map((one, n) => (n % 2 === 0 ? there : here).post(release(one.bookId, one.idempotencyKey))),
        ...books.map((book) => here.post(request(book, { amountMicro: -11n }))),
      ]);
      for (const end of ends) if (end.status === "rejected") expect(end.reason.code).toBe("hold_closed");
      clock.advance(1_000);
      await Promise.all([here.expireDue(), there.expireDue()]);
      for (const book of books) {
        const history = await historyOf(db, book);
        const ofKind = (kind: string) => history.filter((posting) => posting.kind === kind).length;
        expect(ofKind("release")).toBe(ofKind("hold"));
        expect(await balanceOf(db, book)).toMatchObject({ balanceMicro: 0n, heldMicro: 0n });
      }
    }
    expect(await verify(db)).toEqual([]);
    await Promise.all([here.stop(), there.stop()]);
  },
);
