import { openDatabase } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { balanceOf, givenBook, historyOf, request, topUp } from "./testing/given-book.ts";
import { createProxy } from "./testing/lossy-proxy.ts";
import { verify } from "./verify.ts";

pgTest(
  "a connection that breaks in the middle of batches loses nothing and posts nothing twice",
  async ({ db, superuserDb }) => {
    const book = await givenBook(db);
    let batches = 0;
    const writer = createBatchWriter({
      db,
      batchSize: 10,
      async onPosted(tx) {
        batches += 1;
        if (batches % 3 !== 1) return;
        const [own] = await tx<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
        await superuserDb.sql`SELECT pg_terminate_backend(${own?.pid ?? 0})`;
      },
    });
    const results = await Promise.all(Array.from({ length: 100 }, () => writer.post(topUp(book, 1n))));
    expect(new Set(results.map((result) => result.outcome))).toEqual(new Set(["accepted"]));
    expect(batches).toBeGreaterThan(12);
    expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 100n, sequence: 100n });
    expect(await verify(db, { bookId: book })).toEqual([]);
    await writer.stop();
  },
);

pgTest(
  "when the answer to a commit is lost, the retry finds out that it happened, and says who moved",
  async ({ db, database }) => {
    const book = await givenBook(db);
    const proxy = await createProxy(database.appUrl);
    const lossy = openDatabase({ url: proxy.url, maxConnections: 1 });
    const moved: string[] = [];
    let posted = 0;
    const writer = createBatchWriter({
      db: lossy,
      async onPosted(tx) {
        posted += 1;
        await tx`SELECT 1`;
        proxy.loseAnswers(); // What comes now is the commit: it reaches the server, the answer does not come back.
      },
      afterCommit: (bookIds) => moved.push(...bookIds),
    });
    const result = await writer.post(topUp(book, 5n));
    expect(result).toMatchObject({ sequence: 1n, balanceAfterMicro: 5n });
    expect({ posted, moved, history: (await historyOf(db, book)).length }).toEqual({
      posted: 1,
      moved: [book],
      history: 1,
    });
    await writer.stop();
    await lossy.close(100);
    await proxy.close();
  },
);

pgTest(
  "a database that stays away is answered as overloaded, and the same key tells later what happened",
  async ({ db, database }) => {
    const book = await givenBook(db);
    const proxy = await createProxy(database.appUrl);
    const away = openDatabase({ url: proxy.url, maxConnections: 1 });
    const writer = createBatchWriter({ db: away, retryForMs: 0 });
    await writer.post(topUp(book, 5n));
    await proxy.close();
    const debit = request(book, { amountMicro: -2n });
    await expect(writer.post(debit)).rejects.toMatchObject({ code: "overloaded" });
    await writer.stop();
    await away.close(100);
    const later = createBatchWriter({ db });
    expect(await later.post(debit)).toMatchObject({ outcome: "accepted", sequence: 2n });
    await later.stop();
  },
);

pgTest(
  "a network that swallows all that is sent is given up: each request is answered once, and the lane works on",
  async ({ db, database }) => {
    const book = await givenBook(db);
    const proxy = await createProxy(database.appUrl);
    const away = openDatabase({ url: proxy.url, maxConnections: 1 });
    const writer = createBatchWriter({ db: away, lanes: 1, answerWithinMs: 1_500 });
    await writer.post(topUp(book, 50n));
    proxy.swallow();
    const debit = () => writer.post(request(book, { amountMicro: -1n }));
    const first = debit();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve))); // The first one is under way, in its own batch.
    const stuck = [first, debit(), debit()];
    proxy.mend();
    expect((await Promise.all(stuck)).map((result) => result.outcome)).toEqual(["accepted", "accepted", "accepted"]);
    expect(await debit()).toMatchObject({ outcome: "accepted", sequence: 5n, balanceAfterMicro: 46n });
    expect(await historyOf(db, book)).toHaveLength(5);
    expect(await verify(db, { bookId: book })).toEqual([]);
    await writer.stop();
    await away.close(100);
    await proxy.close();
  },
);

pgTest("a commit whose answer was swallowed is found by the batch that is sent again", async ({ db, database }) => {
  const book = await givenBook(db);
  const proxy = await createProxy(database.appUrl);
  const away = openDatabase({ url: proxy.url, maxConnections: 1 });
  let posted = 0;
  const writer = createBatchWriter({
    db: away,
    answerWithinMs: 1_500,
    async onPosted(tx) {
      posted += 1;
      await tx`SELECT 1`;
      proxy.swallowAnswers(); // What comes now is the commit.
    },
  });
  expect(await writer.post(topUp(book, 5n))).toMatchObject({ sequence: 1n, balanceAfterMicro: 5n });
  expect({ posted, history: (await historyOf(db, book)).length }).toEqual({ posted: 1, history: 1 });
  await writer.stop();
  await away.close(100);
  await proxy.close();
});

pgTest(
  "a network that goes on swallowing is answered as overloaded, and the same key tells later what happened",
  async ({ db, database }) => {
    const book = await givenBook(db);
    const proxy = await createProxy(database.appUrl);
    const away = openDatabase({ url: proxy.url, maxConnections: 1 });
    const writer = createBatchWriter({ db: away, answerWithinMs: 1_500, retryForMs: 100 });
    await writer.post(topUp(book, 5n));
    proxy.swallow();
    const sent = request(book, { amountMicro: -2n });
    await expect(writer.post(sent)).rejects.toMatchObject({ code: "overloaded" });
    proxy.mend();
    expect(await writer.post(sent)).toMatchObject({ outcome: "accepted", sequence: 2n });
    await writer.stop();
    await away.close(100);
    await proxy.close();
  },
);
