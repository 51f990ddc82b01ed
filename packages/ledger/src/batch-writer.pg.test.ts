import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import type { Posted, PostingRequest } from "./posting.ts";
import { balanceOf, givenBook, historyOf, request, topUp } from "./testing/given-book.ts";
import { verify } from "./verify.ts";

pgTest("S0.17 a top-up raises the balance; S0.18 a debit lowers it; both are in the history", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const book = await givenBook(db);
  const added = await writer.post(topUp(book, 10_000_000n, { actorId: newId() }));
  const spent = await writer.post(
    request(book, { amountMicro: -47_000n, attributes: { agent: "support", tokens: 12 } }),
  );
  expect(added).toMatchObject({ outcome: "accepted", sequence: 1n, balanceAfterMicro: 10_000_000n });
  expect(spent).toMatchObject({ outcome: "accepted", sequence: 2n, balanceAfterMicro: 9_953_000n, heldMicro: 0n });
  expect(await balanceOf(db, book)).toEqual({
    balanceMicro: 9_953_000n,
    heldMicro: 0n,
    availableMicro: 9_953_000n,
    sequence: 2n,
  });
  expect(await historyOf(db, book)).toMatchObject([
    { sequence: 1n, kind: "top_up", amountMicro: 10_000_000n, balanceAfterMicro: 10_000_000n, attributes: {} },
    { sequence: 2n, kind: "usage", amountMicro: -47_000n, attributes: { agent: "support", tokens: 12 }, actorId: null },
  ]);
  await writer.stop();
});

pgTest("a debit beyond the balance is refused without effect, and smaller ones after it still fit", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const book = await givenBook(db);
  const outcomes = await Promise.all([
    writer.post(topUp(book, 5n)),
    writer.post(request(book, { amountMicro: -6n })),
    writer.post(request(book, { amountMicro: -3n })),
    writer.post(request(book, { amountMicro: -3n })),
    writer.post(request(book, { amountMicro: -2n })),
    writer.post(request(book, { amountMicro: -1n })),
  ]);
  expect(outcomes).toMatchObject([
    { outcome: "accepted" },
    { outcome: "insufficient", balanceMicro: 5n, requiredMicro: 6n },
    { outcome: "accepted", balanceAfterMicro: 2n },
    { outcome: "insufficient", balanceMicro: 2n, requiredMicro: 3n },
    { outcome: "accepted", balanceAfterMicro: 0n, sequence: 3n },
    { outcome: "insufficient", balanceMicro: 0n },
  ]);
  expect(await verify(db, { bookId: book })).toEqual([]);
  await writer.stop();
});

pgTest(
  "a retry after the wallet is empty is answered replayed with the first result, not insufficient",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const book = await givenBook(db);
    await writer.post(topUp(book, 4n));
    const debit = request(book, { amountMicro: -4n, attributes: { b: 1, a: "x" } });
    const first = await writer.post(debit);
    const again = await writer.post({ ...debit, actorId: newId(), attributes: { a: "x", b: 1 } });
    expect(again).toEqual({ ...first, outcome: "replayed" });
    expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 0n, sequence: 2n });
    await writer.stop();
  },
);

pgTest("the same key with other content is a conflict without effect", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const book = await givenBook(db);
  const first = topUp(book, 9n, { idempotencyKey: "an order of ours", attributes: { order: 7 } });
  await writer.post(first);
  for (const other of [
    { amountMicro: 8n },
    { description: "Other" },
    { attributes: { order: 8 } },
    { attributes: undefined },
  ]) {
    expect(await writer.post({ ...first, ...other })).toMatchObject({ outcome: "conflict" });
  }
  expect(await writer.post({ ...first, kind: "adjustment" })).toMatchObject({ outcome: "conflict" });
  expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 9n, sequence: 1n });
  await writer.stop();
});

pgTest(
  "a fingerprint replaces the content: a recomputed amount is a replay that returns the first amount",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const book = await givenBook(db);
    await writer.post(topUp(book, 100n));
    const first = await writer.post(request(book, { amountMicro: -10n, idempotencyKey: "u1", fingerprint: "body" }));
    const repriced = request(book, { amountMicro: -11n, idempotencyKey: "u1", fingerprint: "body" });
    expect(await writer.post(repriced)).toEqual({ ...first, outcome: "replayed" });
    expect(await writer.post({ ...repriced, fingerprint: "other" })).toMatchObject({ outcome: "conflict" });
    expect(await writer.post({ ...repriced, fingerprint: undefined })).toMatchObject({ outcome: "conflict" });
    await writer.stop();
  },
);

pgTest("a used key is found again in whatever order keys come, and whatever they were used for", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const [book, other] = [await givenBook(db), await givenBook(db)];
  const [low, middle, high] = ["00000000", "80000000", "ffffffff"].map(
    (start) => `${start}-0000-7000-8000-000000000000`,
  );
  const debit = (idempotencyKey: string | undefined, bookId = book) =>
    request(bookId, { amountMicro: -1n, idempotencyKey: idempotencyKey ?? newId() });
  const outcomesOf = async (requests: PostingRequest[]) =>
    (await Promise.all(requests.map((one) => writer.post(one)))).map(({ outcome }) => outcome);
  for (const bookId of [book, other]) await writer.post(topUp(bookId, 100n));
  // Plain debits on both sides of a top-up whose key is larger than theirs, each alone, then in company of one or two wallets.
  expect(await outcomesOf([debit(middle)])).toEqual(["accepted"]);
  expect(await outcomesOf([debit(low)])).toEqual(["accepted"]);
  expect(await outcomesOf([topUp(book, 5n, { idempotencyKey: high })])).toEqual(["accepted"]);
  for (const again of [1, 2]) {
    expect(await outcomesOf([debit(high)]), `${again}`).toEqual(["conflict"]);
    expect(await outcomesOf([debit(low), debit(middle)])).toEqual(["replayed", "replayed"]);
    expect(await outcomesOf([debit(newId()), debit(high)])).toEqual(["accepted", "conflict"]);
    expect(await outcomesOf([debit(newId()), debit(newId(), other)])).toEqual(["accepted", "accepted"]);
    expect(await outcomesOf([debit(low), debit(newId(), other)])).toEqual(["replayed", "accepted"]);
    expect(await outcomesOf([debit(newId()), debit(newId()), debit(newId(), other)])).toEqual(
      Array(3).fill("accepted"),
    );
    expect(await outcomesOf([debit(high), debit(newId()), debit(newId(), other)])).toEqual([
      "conflict",
      "accepted",
      "accepted",
    ]);
  }
  expect(await verify(db)).toEqual([]);
  await writer.stop();
});

pgTest(
  "what a wallet cannot pay is refused in company, and its neighbours are as if it had not been there",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const books = [await givenBook(db), await givenBook(db), await givenBook(db)];
    for (const bookId of books) await writer.post(topUp(bookId, 10n));
    const spend = (amounts: bigint[]) =>
      Promise.all(amounts.map((amountMicro, place) => writer.post(request(books[place] as string, { amountMicro }))));
    expect(await spend([-4n, -11n, -10n])).toMatchObject([
      { outcome: "accepted", sequence: 2n, balanceAfterMicro: 6n },
      { outcome: "insufficient", balanceMicro: 10n },
      { outcome: "accepted", sequence: 2n, balanceAfterMicro: 0n },
    ]);
    expect(await spend([-6n, -10n])).toMatchObject([
      { outcome: "accepted", sequence: 3n, balanceAfterMicro: 0n },
      { outcome: "accepted", sequence: 2n, balanceAfterMicro: 0n },
    ]);
    await writer.stop();
  },
);

pgTest("one key sent five times at once is posted once", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const book = await givenBook(db);
  const same = topUp(book, 7n);
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => writer.post(same)));
  expect(outcomes.map((result) => result.outcome).sort()).toEqual(["accepted", ...Array(4).fill("replayed")]);
  expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 7n, sequence: 1n });
  await writer.stop();
});

pgTest("the same key in two books is two postings", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const [one, two] = [await givenBook(db), await givenBook(db)];
  const results = await Promise.all([one, two].map((book) => writer.post(topUp(book, 1n, { idempotencyKey: "k" }))));
  expect(results).toMatchObject([{ outcome: "accepted" }, { outcome: "accepted" }]);
  await writer.stop();
});

pgTest("what cannot be posted fails alone: its neighbours in the batch are posted", async ({ db }) => {
  const writer = createBatchWriter({ db, lanes: 1 });
  const [book, full] = [await givenBook(db), await givenBook(db)];
  const largest = 1_000_000_000_000_000n;
  for (let n = 0; n < 2; n += 1) {
    await Promise.allSettled(Array.from({ length: 1_000 }, () => writer.post(topUp(full, largest))));
  }
  const outcomes = await Promise.allSettled([
    writer.post(topUp(book, 3n)),
    writer.post(topUp(newId(), 3n)),
    writer.post(topUp(book, largest + 1n)),
    writer.post(topUp(full, largest)),
    writer.post(request(book, { amountMicro: 0n })),
    writer.post(request(book, { amountMicro: 1n })),
    writer.post(request(book, { description: "\0" })),
    writer.post(request(book, { attributes: { agent: "\ud800" } })),
    writer.post(request(book, { amountMicro: -3n })),
  ]);
  expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value.outcome : one.reason.code))).toEqual([
    "accepted",
    "not_found",
    ...Array(6).fill("invalid_input"),
    "accepted",
  ]);
  expect(await verify(db)).toEqual([]);
  await writer.stop();
});

pgTest(
  "onPosted sees what was accepted, in order, in the same transaction; what it throws undoes only its own request",
  async ({ db }) => {
    const seen: Posted[][] = [];
    const moved: string[][] = [];
    const writer = createBatchWriter({
      db,
      lanes: 1,
      async onPosted(tx, posted) {
        const poisoned = posted.some(({ request }) => request.attachment === "poison");
        await tx`SELECT 1`;
        if (poisoned) throw new Error("the usage row is impossible");
        seen.push(posted);
      },
      afterCommit: (bookIds) => moved.push(bookIds),
    });
    const book = await givenBook(db);
    const outcomes = await Promise.allSettled([
      writer.post(topUp(book, 10n, { attachment: "a" })),
      writer.post(request(book, { amountMicro: -1n, attachment: "b" })),
      writer.post(request(book, { amountMicro: -2n, attachment: "poison" })),
      writer.post(request(book, { amountMicro: -100n, attachment: "refused" })),
      writer.post(request(book, { amountMicro: -3n, attachment: "c" })),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(seen.flat().map((posted) => posted.request.attachment)).toEqual(["a", "b", "c"]);
    expect(seen.flat().map((posted) => posted.result.sequence)).toEqual([1n, 2n, 3n]);
    expect(new Set(moved.flat())).toEqual(new Set([book]));
    expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 6n });
    await writer.stop();
  },
);

pgTest(
  "a full queue refuses as overloaded, an aborted request is withdrawn, stop answers what waits",
  async ({ db }) => {
    const writer = createBatchWriter({ db, queueSize: 3 });
    const book = await givenBook(db);
    const aborting = new AbortController();
    const first = writer.post(topUp(book, 1n));
    const withdrawn = writer.post(topUp(book, 10n), aborting.signal);
    const last = writer.post(topUp(book, 100n));
    await expect(writer.post(topUp(book, 1n))).rejects.toMatchObject({ code: "overloaded" });
    aborting.abort(new Error("gone"));
    await expect(withdrawn).rejects.toThrow("gone");
    const stopped = writer.stop();
    await expect(writer.post(topUp(book, 1n))).rejects.toMatchObject({ code: "overloaded" });
    await stopped;
    expect(await Promise.all([first, last])).toMatchObject([{ outcome: "accepted" }, { outcome: "accepted" }]);
    expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 101n });
  },
);

pgTest(
  "debits of many wallets in one batch are numbered and balanced wallet by wallet, in the order of their calls",
  async ({ db }) => {
    const writer = createBatchWriter({ db, lanes: 1 });
    const books = await Promise.all(Array.from({ length: 9 }, () => givenBook(db)));
    await Promise.all(books.map((book, place) => writer.post(topUp(book, BigInt(100 * (place + 1))))));
    const asked = Array.from({ length: 200 }, (_, n) => ({
      book: books[(n * 7) % 9] as string,
      amountMicro: BigInt(-(n % 5) - 1),
    }));
    const left = new Map(books.map((book, place) => [book, { micro: BigInt(100 * (place + 1)), sequence: 1n }]));
    const results = await Promise.all(
      asked.map(({ book, amountMicro }) => writer.post(request(book, { amountMicro }))),
    );
    for (const [place, { book, amountMicro }] of asked.entries()) {
      const wallet = left.get(book) ?? { micro: 0n, sequence: 0n };
      const fits = wallet.micro + amountMicro >= 0n;
      if (fits) left.set(book, { micro: wallet.micro + amountMicro, sequence: wallet.sequence + 1n });
      const now = left.get(book);
      expect(results[place]).toMatchObject(
        fits
          ? { outcome: "accepted", amountMicro, balanceAfterMicro: now?.micro, sequence: now?.sequence }
          : { outcome: "insufficient", balanceMicro: now?.micro },
      );
    }
    expect(await verify(db)).toEqual([]);
    await writer.stop();
  },
);
