import { type Database, withOrganization, withUser } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { newId, systemClock } from "@guildhall/shared";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { openBook, readBalance, readPostings } from "./books.ts";
import { postBatch } from "./post-batch.ts";
import { givenBook, request, topUp } from "./testing/given-book.ts";

async function givenFunds(db: Database): Promise<string> {
  const writer = createBatchWriter({ db });
  const book = await givenBook(db);
  await writer.post(topUp(book, 50n));
  await writer.stop();
  return book;
}

pgTest("without an organization or person no row of the ledger is visible", async ({ db }) => {
  await givenFunds(db);
  for (const table of ["books", "postings", "accounts", "entries", "holds", "lots", "burns"]) {
    expect(await db.sql`SELECT * FROM ${db.sql(`ledger.${table}`)}`).toHaveLength(0);
  }
});

pgTest("S3.3 one organization never sees another's book", async ({ db }) => {
  const [mine, other] = [await givenFunds(db), await givenFunds(db)];
  await withOrganization(db, mine, async (tx) => {
    expect(await tx.sql`SELECT DISTINCT book_id FROM ledger.entries`).toEqual([{ book_id: mine }]);
    expect(await readPostings(tx, other, { limit: 10 })).toEqual([]);
    await expect(readBalance(tx, other)).rejects.toMatchObject({ code: "not_found" });
  });
});

pgTest("S2.3 a person's wallet is seen by that person, not by another", async ({ db }) => {
  const [ada, bob] = [newId(), newId()];
  await withUser(db, ada, (tx) => openBook(tx, ada));
  expect(await withUser(db, ada, (tx) => readBalance(tx, ada))).toMatchObject({ balanceMicro: 0n, sequence: 0n });
  await expect(withUser(db, bob, (tx) => readBalance(tx, ada))).rejects.toMatchObject({ code: "not_found" });
});

pgTest("the app's role cannot write the ledger's tables, whatever organization it is in", async ({ db }) => {
  const book = await givenFunds(db);
  const writes = [
    `UPDATE ledger.books SET wallet_micro = wallet_micro`,
    `INSERT INTO ledger.books (book_id) VALUES (gen_random_uuid())`,
    `DELETE FROM ledger.books`,
    `UPDATE ledger.postings SET description = ''`,
    `INSERT INTO ledger.postings SELECT * FROM ledger.postings`,
    `DELETE FROM ledger.postings`,
    `TRUNCATE ledger.postings`,
    `UPDATE ledger.holds SET state = state`,
    `DELETE FROM ledger.lots`,
    `INSERT INTO ledger.burns SELECT * FROM ledger.burns`,
    `SET ROLE guildhall_engine`,
  ];
  for (const write of writes) {
    const attempt = withOrganization(db, book, (tx) => tx.sql.unsafe(write));
    await expect(attempt, write).rejects.toMatchObject({ code: "42501" });
  }
});

pgTest("inside one organization's transaction no other book can be posted to or opened", async ({ db }) => {
  const [mine, other] = [await givenFunds(db), await givenFunds(db)];
  const postTo = (bookId: string) =>
    withOrganization(db, mine, (tx) =>
      postBatch(tx.sql, [{ request: request(bookId, { amountMicro: -1n }), postingId: newId() }], systemClock.now()),
    );
  await expect(postTo(other)).rejects.toMatchObject({ code: "42501" });
  expect(await postTo(mine)).toMatchObject({ answers: [{ outcome: "accepted" }] });
  await expect(withOrganization(db, mine, (tx) => openBook(tx, newId()))).rejects.toMatchObject({ code: "42501" });
});

pgTest("opening a book again changes nothing", async ({ db }) => {
  const book = await givenFunds(db);
  await withOrganization(db, book, (tx) => openBook(tx, book, { floorMicro: -5n }));
  expect(await withOrganization(db, book, (tx) => readBalance(tx, book))).toMatchObject({ availableMicro: 50n });
  const rows = await withOrganization(db, book, (tx) => tx.sql`SELECT floor_micro FROM ledger.books`);
  expect(rows).toEqual([{ floor_micro: 0n }]);
});

pgTest(
  "the database refuses accounts that do not sum to zero, and a wallet below its floor",
  async ({ db, superuserDb }) => {
    const book = await givenFunds(db);
    const sql = superuserDb.sql;
    await expect(sql`UPDATE ledger.books SET wallet_micro = 51 WHERE book_id = ${book}`).rejects.toThrow(
      "accounts_sum_to_zero",
    );
    await expect(
      sql`UPDATE ledger.books SET wallet_micro = -1, top_ups_micro = 1 WHERE book_id = ${book}`,
    ).rejects.toThrow("wallet_at_or_above_floor");
  },
);
