import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId } from "@guildhall/shared";
import { expect } from "vitest";
import { type BatchWriter, createBatchWriter } from "./batch-writer.ts";
import { toDebitArrays } from "./post-debits.ts";
import type { PostingRequest } from "./posting.ts";
import { balanceOf, givenBook, request, topUp } from "./testing/given-book.ts";
import { verify } from "./verify.ts";

async function givenBooks(db: Database, writer: BatchWriter, amounts: readonly bigint[]): Promise<string[]> {
  const books = await Promise.all(amounts.map(() => givenBook(db)));
  books.sort();
  await Promise.all(books.map((bookId, place) => writer.post(topUp(bookId, amounts[place] as bigint))));
  return books;
}

const debit = (bookId: string, changes: Partial<PostingRequest> = {}) =>
  request(bookId, { amountMicro: -1n, ...changes });

/** Calls the statement of a batch as the writer does, and says what it answers. */
async function outcomesOf({ sql }: Pick<Database, "sql">, requests: PostingRequest[]): Promise<string[]> {
  const debits = toDebitArrays(requests.map((one) => ({ request: one, postingId: one.idempotencyKey })));
  const rows = await sql<{ outcome: string }[]>`
    SELECT outcome FROM ledger.post_debits_in_brief(${new Date()}, ${debits.books}::uuid[], ${debits.isEachOnce ? "{}" : debits.bookPlaces}::int[],
      ${debits.ids}::uuid[], ${debits.amounts}::bigint[], ${debits.descriptions}::text[], '{}', '{}', '{}') ORDER BY place`;
  return rows.map(({ outcome }) => outcome);
}

pgTest(
  "a plain batch of many wallets is answered in one row, each of them once or some of them twice",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const [one, two] = (await givenBooks(db, writer, [9n, 9n])) as [string, string];
    for (let round = 0; round < 2; round += 1) {
      expect(await outcomesOf(db, [debit(one), debit(two)])).toEqual(["openings"]);
      expect(await outcomesOf(db, [debit(one), debit(one), debit(two)])).toEqual(["openings"]);
    }
    for (const bookId of [one, two])
      expect((await balanceOf(db, bookId)).availableMicro).toBe(bookId === one ? 3n : 5n);
    expect(await verify(db)).toEqual([]);
    await writer.stop();
  },
);

pgTest("a batch that is not plain is answered request by request, whichever of them is the reason", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const [poor, rich] = (await givenBooks(db, writer, [1n, 99n])) as [string, string];
  const used = newId();
  expect(await outcomesOf(db, [debit(poor), debit(rich, { idempotencyKey: used })])).toEqual(["openings"]);
  expect(await outcomesOf(db, [debit(poor), debit(rich)])).toEqual(["insufficient", "accepted"]);
  expect(await outcomesOf(db, [debit(rich), debit(newId())])).toEqual(["accepted", "unknown_book"]);
  const third = await givenBook(db);
  await writer.post(topUp(third, 5n));
  expect(await outcomesOf(db, [debit(rich, { idempotencyKey: used }), debit(third)])).toEqual(["replayed", "accepted"]);
  const other = debit(rich, { idempotencyKey: used, description: "Other" });
  expect(await outcomesOf(db, [other, debit(rich), debit(third)])).toEqual(["conflict", "accepted", "accepted"]);
  expect((await balanceOf(db, rich)).availableMicro).toBe(95n);
  expect(await verify(db)).toEqual([]);
  await writer.stop();
});

pgTest(
  "a key that another process uses while a batch waits for its wallet is replayed, not posted again",
  async ({ db, openSecondConnection, superuserDb }) => {
    const writer = createBatchWriter({ db, lanes: 1 });
    const books = (await givenBooks(db, writer, [9n, 9n, 9n])) as [string, string, string];
    for (const isKnown of [false, true]) {
      const used = debit(books[1]);
      const late = openSecondConnection();
      let commit = () => {};
      const held = new Promise<void>((resolve) => {
        commit = resolve;
      });
      let isHeld = false;
      const first = late.sql.begin(async (tx) => {
        expect(await outcomesOf({ sql: tx as unknown as Database["sql"] }, [debit(books[0]), used])).toEqual([
          "openings",
        ]);
        isHeld = true;
        await held;
      });
      while (!isHeld) await sleep(5);
      const again = Promise.all([used, debit(books[2])].map((one) => writer.post(one)));
      await waitForLock(superuserDb);
      commit();
      await first;
      expect(await again, `${isKnown}`).toMatchObject([{ outcome: "replayed" }, { outcome: "accepted" }]);
    }
    expect(await verify(db)).toEqual([]);
    await writer.stop();
  },
);

async function waitForLock({ sql }: Database): Promise<void> {
  for (;;) {
    const [waiting] = await sql`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%in_brief%'`;
    if (waiting) return;
    await sleep(5);
  }
}

pgTest(
  "two processes that debit the same wallets at once, each of them once per batch: every answer is that of its place",
  async ({ db, openSecondConnection }) => {
    const writers = [db, openSecondConnection()].map((own) => createBatchWriter({ db: own, lanes: 2 }));
    const books = await givenBooks(db, writers[0] as BatchWriter, Array<bigint>(30).fill(1_000n));
    const answers = new Map(books.map((bookId) => [bookId, [] as [bigint, bigint][]]));
    const spend = async (writer: BatchWriter, bookId: string) => {
      const answer = await writer.post(debit(bookId));
      if (answer.outcome !== "accepted") throw new Error(`A debit was answered "${answer.outcome}".`);
      answers.get(bookId)?.push([answer.sequence, answer.balanceAfterMicro]);
    };
    const rounds = async (writer: BatchWriter) => {
      for (let round = 0; round < 25; round += 1) await Promise.all(books.map((bookId) => spend(writer, bookId)));
    };
    await Promise.all(writers.map(rounds));
    const expected = Array.from({ length: 50 }, (_, n) => [BigInt(n + 2), BigInt(999 - n)]);
    for (const [bookId, told] of answers) {
      expect(
        told.sort(([one], [other]) => Number(one - other)),
        bookId,
      ).toEqual(expected);
    }
    expect(await verify(db)).toEqual([]);
    await Promise.all(writers.map((writer) => writer.stop()));
  },
);

pgTest(
  "what a wallet knows of its keys catches up with any number of other postings, and meanwhile keys are looked up",
  async ({ db, superuserDb }) => {
    const writer = createBatchWriter({ db, lanes: 1 });
    const [book, other] = (await givenBooks(db, writer, [9n, 9n])) as [string, string];
    const last = topUp(book, 1n, { idempotencyKey: "ffffffff-0000-7000-8000-000000000000" });
    await Promise.all(
      [...Array.from({ length: 10_005 }, () => topUp(book, 1n)), last].slice(0, 9_000).map((one) => writer.post(one)),
    );
    await Promise.all([...Array.from({ length: 1_100 }, () => topUp(book, 1n)), last].map((one) => writer.post(one)));
    const knownOf = async () => {
      const [row] = await superuserDb.sql<{ known: bigint; sequence: bigint }[]>`
      SELECT latest_key_sequence AS known, wallet_sequence AS sequence FROM ledger.books WHERE book_id = ${book}`;
      return row;
    };
    for (const [round, known] of [10_000n, 10_104n, 10_105n].entries()) {
      expect(await outcomesOf(db, [debit(book), debit(other)]), `${round}`).toEqual(["openings"]);
      expect((await knownOf())?.known).toBe(known);
      expect(await writer.post(debit(book, { idempotencyKey: last.idempotencyKey }))).toMatchObject({
        outcome: "conflict",
      });
      expect(await verify(db)).toEqual([]);
    }
    await writer.stop();
  },
);

pgTest("wallets in another order, or named by their places, come to the same", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const [one, two] = (await givenBooks(db, writer, [9n, 9n])) as [string, string];
  expect(await outcomesOf(db, [debit(two, { amountMicro: -2n }), debit(one)])).toEqual(["openings"]);
  const places = (list: string) => db.sql`
    SELECT outcome FROM ledger.post_debits_in_brief(now(), ${`{${one},${two}}`}::uuid[], ${list}::int[],
      ${`{${newId()},${newId()}}`}::uuid[], '{-1,-2}', '{Usage,Usage}', '{}', '{}', '{}')`;
  expect(await places("{1,2}")).toMatchObject([{ outcome: "openings" }]);
  expect((await balanceOf(db, one)).availableMicro).toBe(7n);
  expect((await balanceOf(db, two)).availableMicro).toBe(5n);
  await expect(db.sql`
    SELECT outcome FROM ledger.post_debits_in_brief(now(), ${`{${one}}`}::uuid[], '{}',
      ${`{${newId()},${newId()}}`}::uuid[], '{-1,-2}', '{Usage,Usage}', '{}', '{}', '{}')`).rejects.toThrow("places");
  expect(await verify(db)).toEqual([]);
  await writer.stop();
});

pgTest("the app's role reaches debits of many wallets through the checked door only", async ({ db }) => {
  await expect(db.sql`
    SELECT ledger.post_debits_of_many(now(), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`).rejects.toThrow(
    "permission denied",
  );
  await expect(db.sql`SELECT ledger.learn_latest_keys('{}')`).rejects.toThrow("permission denied");
  const [one, two] = [await givenBook(db), await givenBook(db)];
  await expect(
    db.sql.begin(async (tx) => {
      await tx`SELECT set_config('app.organization_id', ${one}, true)`;
      await outcomesOf({ sql: tx as unknown as Database["sql"] }, [debit(one), debit(two)]);
    }),
  ).rejects.toThrow("another owner");
});

pgTest(
  "debits that say nothing are posted and answered like others, in one wallet or many, plain or not",
  async ({ db }) => {
    const writer = createBatchWriter({ db });
    const [poor, rich] = (await givenBooks(db, writer, [2n, 99n])) as [string, string];
    const silent = (bookId: string, changes: Partial<PostingRequest> = {}) =>
      debit(bookId, { description: "", ...changes });
    const outcomes = async (requests: PostingRequest[]) =>
      (await Promise.all(requests.map((one) => writer.post(one)))).map(({ outcome }) => outcome);
    const [first, second] = [silent(rich), silent(rich)];
    expect(await outcomes([first])).toEqual(["accepted"]);
    expect(await outcomes([second, silent(rich)])).toEqual(["accepted", "accepted"]);
    expect(await outcomes([silent(poor), silent(rich)])).toEqual(["accepted", "accepted"]);
    expect(await outcomes([silent(poor), silent(rich), silent(rich)])).toEqual(["accepted", "accepted", "accepted"]);
    expect(await outcomes([first, silent(poor), { ...second, amountMicro: -2n }, debit(rich)])).toEqual([
      ...["replayed", "insufficient", "conflict", "accepted"],
    ]);
    const [third, fourth] = [silent(poor), silent(rich)];
    await writer.post(topUp(poor, 1n));
    expect(await outcomes([third, fourth])).toEqual(["accepted", "accepted"]);
    expect(await outcomes([third, fourth])).toEqual(["replayed", "replayed"]);
    expect(await outcomesOf(db, [third, fourth])).toEqual(["replayed", "replayed"]);
    expect(await outcomesOf(db, [silent(poor), silent(rich)])).toEqual(["insufficient", "accepted"]);
    expect(await outcomes([{ ...first, description: "Other" }])).toEqual(["conflict"]);
    expect((await balanceOf(db, rich)).availableMicro).toBe(90n);
    expect(await verify(db)).toEqual([]);
    await writer.stop();
  },
);
