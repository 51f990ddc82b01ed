import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Sql } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { idOfKey } from "./idempotency-key.ts";
import { postBatch } from "./post-batch.ts";
import type { PostingRequest } from "./posting.ts";
import {
  balanceOf,
  givenBook,
  historyOf,
  hold,
  release,
  request,
  settle,
  topUp,
  transfer,
} from "./testing/given-book.ts";
import type { SpenderReport, SpenderTask } from "./testing/spender.ts";
import { verify } from "./verify.ts";

const queued = (one: PostingRequest) => ({ request: one, postingId: idOfKey(one.idempotencyKey) });

pgTest(
  "whoever waits for the wallet's lock decides on what was committed meanwhile: no key twice, no overdraft",
  async ({ db, openSecondConnection }) => {
    const second = openSecondConnection();
    const book = await givenBook(db);
    await postBatch(db.sql, [queued(topUp(book, 10n))], systemClock.now());
    const same = request(book, { amountMicro: -6n });
    const other = request(book, { amountMicro: -6n });
    let waiting: ReturnType<typeof postBatch> | undefined;
    await db.sql.begin(async (tx) => {
      expect(await postBatch(tx, [queued(same)], systemClock.now())).toMatchObject({
        answers: [{ outcome: "accepted" }],
      });
      waiting = postBatch(second.sql, [queued(same), queued(other)], systemClock.now());
      await untilBlocked(db.sql);
    });
    expect((await waiting)?.answers).toMatchObject([
      { outcome: "replayed", sequence: 2n },
      { outcome: "insufficient", balanceMicro: 4n },
    ]);
  },
);

async function untilBlocked(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql`SELECT count(*)::int AS blocked FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    if (row?.blocked === 1) return;
  }
}

pgTest("two writers with the same books in opposite orders never deadlock", async ({ db, openSecondConnection }) => {
  const second = openSecondConnection();
  const books = await Promise.all(Array.from({ length: 30 }, () => givenBook(db)));
  const post = (sql: typeof db.sql, order: string[]) =>
    postBatch(
      sql,
      order.map((book) => queued(topUp(book, 1n))),
      systemClock.now(),
    );
  for (let round = 0; round < 20; round += 1) {
    await Promise.all([post(db.sql, books), post(second.sql, books.toReversed())]);
  }
  for (const book of books) expect(await balanceOf(db, book)).toMatchObject({ availableMicro: 40n, sequence: 40n });
});

pgTest(
  "two processes on twenty wallets with replays and depletion: no wrong answer, and every wallet ends on its floor",
  { timeout: 300_000 },
  async ({ db, database }) => {
    const books = await Promise.all(Array.from({ length: 20 }, () => givenBook(db)));
    const writer = createBatchWriter({ db });
    await Promise.all(books.map((book) => writer.post(topUp(book, 30n))));
    await writer.stop();
    // Both send the same 120 keys per wallet, of which 30 fit.
    const keys = Object.fromEntries(books.map((book) => [book, Array.from({ length: 120 }, () => newId())]));
    const report = await spendTwice({ url: database.appUrl, keys });
    for (const [book, ofBook] of Object.entries(keys)) {
      const history = await historyOf(db, book);
      expect(history).toHaveLength(31);
      expect(history.at(-1)).toMatchObject({ balanceAfterMicro: 0n, sequence: 31n });
      const posted = new Set(history.map((posting) => posting.postingId));
      for (const key of ofBook) {
        const answers = (report.get(book + key) ?? []).sort();
        expect(answers.length).toBeGreaterThanOrEqual(4);
        // What is empty stays empty here, so that only what was never posted may be refused.
        const [first, again] = posted.has(key) ? ["accepted", "replayed"] : ["insufficient", "insufficient"];
        expect(answers).toEqual(answers.map((_, n) => (n === 0 ? first : again)));
      }
    }
    expect(await verify(db)).toEqual([]);
  },
);

pgTest(
  "two writers that end the same holds and pass credits to each other: each hold ends once, no credit is lost",
  async ({ db, openSecondConnection }) => {
    const [writer, other] = [createBatchWriter({ db }), createBatchWriter({ db: openSecondConnection(), lanes: 2 })];
    const [one, two] = [await givenBook(db), await givenBook(db)];
    for (const book of [one, two]) await writer.post(topUp(book, 500n, { lot: { kind: "promotional" } }));
    for (let round = 0; round < 40; round += 1) {
      const held = hold(round % 2 === 0 ? one : two, 10n);
      await writer.post(held);
      const ends = await Promise.allSettled([
        writer.post(settle(held.bookId, held.idempotencyKey, 1n)),
        other.post(release(held.bookId, held.idempotencyKey)),
        writer.post(transfer(one, two, 3n)),
        other.post(transfer(two, one, 3n)),
      ]);
      const outcomes = ends.map((end) => (end.status === "fulfilled" ? end.value.outcome : end.reason.code));
      expect(outcomes.slice(0, 2).sort()).toEqual(["accepted", "hold_closed"]);
      expect(outcomes.slice(2)).toEqual(["accepted", "accepted"]);
    }
    const histories = await Promise.all([one, two].map((book) => historyOf(db, book)));
    const used = histories.flat().filter((posting) => posting.kind === "usage").length;
    const left = await Promise.all([one, two].map((book) => balanceOf(db, book)));
    expect(left.reduce((sum, balance) => sum + balance.balanceMicro, 0n)).toBe(1_000n - BigInt(used));
    expect(await verify(db)).toEqual([]);
    await Promise.all([writer.stop(), other.stop()]);
  },
);

pgTest(
  "whatever two writers do at once, some order of it explains every answer",
  async ({ db, openSecondConnection }) => {
    const writers = [
      createBatchWriter({ db, batchSize: 7 }),
      createBatchWriter({ db: openSecondConnection(), batchSize: 5 }),
    ];
    const book = await givenBook(db);
    const requests = Array.from({ length: 400 }, (_, n) =>
      n % 3 === 0 ? topUp(book, BigInt(1 + (n % 11))) : request(book, { amountMicro: -BigInt(1 + (n % 13)) }),
    );
    // Half of the requests go to both.
    const sent = requests.flatMap((one, n) =>
      n % 2 === 0
        ? [{ one, to: n % 4 }]
        : [
            { one, to: 0 },
            { one, to: 2 },
          ],
    );
    const answers = await Promise.all(
      sent.map(async ({ one, to }) => ({ one, answer: await writers[to >> 1]!.post(one) })),
    );
    const history = await historyOf(db, book);
    const balances = new Set([0n, ...history.map((posting) => posting.balanceAfterMicro)]);
    const accepted = answers.filter(({ answer }) => answer.outcome === "accepted");
    expect(accepted).toHaveLength(history.length);
    for (const { one, answer } of answers) {
      const posting = history.find(({ postingId }) => postingId === one.idempotencyKey);
      if (answer.outcome === "accepted" || answer.outcome === "replayed") {
        expect(posting).toMatchObject({ sequence: answer.sequence, balanceAfterMicro: answer.balanceAfterMicro });
      } else if (answer.outcome === "insufficient") {
        // There was a moment with this balance, and it was too little.
        expect(balances.has(answer.balanceMicro) && answer.balanceMicro < answer.requiredMicro).toBe(true);
      } else expect.unreachable();
    }
    expect(await verify(db, { bookId: book })).toEqual([]);
    await Promise.all(writers.map((writer) => writer.stop()));
  },
);

/** Gives two processes the same task at the same time. Returns what either was answered, by book and key. */
async function spendTwice(task: SpenderTask): Promise<Map<string, string[]>> {
  const path = fileURLToPath(new URL("./testing/spender.ts", import.meta.url));
  const spenders = [fork(path, { execArgv: [] }), fork(path, { execArgv: [] })];
  await Promise.all(spenders.map(told));
  const reports = spenders.map(async (spender) => {
    spender.send(task);
    return (await told(spender)) as SpenderReport;
  });
  const all = (await Promise.all(reports)).flat();
  const byKey = Map.groupBy(all, ({ bookId, key }) => bookId + key);
  return new Map([...byKey].map(([key, ofKey]) => [key, ofKey.map(({ answer }) => answer)]));
}

/** The next thing that a process says. Throws when it ends without a word; its channel closes after the last one. */
async function told(spender: ChildProcess): Promise<unknown> {
  const ended = once(spender, "disconnect").then(() => {
    throw new Error("a spender ended without a word");
  });
  const [said] = await Promise.race([once(spender, "message"), ended]);
  return said;
}
