import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { givenBook, request, topUp } from "./testing/given-book.ts";
import { verify } from "./verify.ts";
import { verifyCommand } from "./verify-command.ts";

async function givenHistory(db: Database): Promise<string> {
  const writer = createBatchWriter({ db });
  const book = await givenBook(db, { floorMicro: -2n });
  await writer.post(topUp(book, 50n));
  for (const amountMicro of [-20n, -30n, -1n]) await writer.post(request(book, { amountMicro }));
  await writer.post(request(book, { kind: "refund", amountMicro: 5n }));
  await writer.post(request(book, { kind: "adjustment", amountMicro: -4n }));
  await writer.stop();
  return book;
}

/** Does what no role of ours may: changes the past, behind the constraints' back. */
async function tamper(superuserDb: Database, statement: string): Promise<void> {
  await superuserDb.sql.begin(async (tx) => {
    await tx`ALTER TABLE ledger.books DROP CONSTRAINT IF EXISTS accounts_sum_to_zero`;
    await tx`ALTER TABLE ledger.books DROP CONSTRAINT IF EXISTS wallet_at_or_above_floor`;
    await tx.unsafe(statement);
  });
}

pgTest("a sound ledger has no drift, for one book and for all", async ({ db }) => {
  const book = await givenHistory(db);
  expect(await verify(db, { bookId: book })).toEqual([]);
  expect(await verify(db)).toEqual([]);
});

pgTest.for([
  [
    "a balance that nobody posted",
    "UPDATE ledger.books SET wallet_micro = wallet_micro + 7 WHERE book_id = '$'",
    ["accounts_do_not_sum_to_zero", "balance_is_not_the_sum_of_entries"],
  ],
  [
    "a posting that was taken away",
    "DELETE FROM ledger.postings WHERE book_id = '$' AND sequence = 3",
    [
      "balance_after_does_not_follow",
      "balance_is_not_the_sum_of_entries",
      "sequence_has_a_gap",
      "sequence_is_not_the_number_of_entries",
    ],
  ],
  [
    "an amount that was changed",
    "UPDATE ledger.postings SET amount_micro = -21 WHERE book_id = '$' AND sequence = 2",
    ["balance_after_does_not_follow", "balance_is_not_the_sum_of_entries"],
  ],
  [
    "a wallet below its floor",
    "UPDATE ledger.books SET floor_micro = 0 WHERE book_id = '$' AND wallet_micro = 0; UPDATE ledger.books SET wallet_micro = -3, adjustments_micro = adjustments_micro + 3 WHERE book_id = '$'",
    ["balance_is_not_the_sum_of_entries", "wallet_below_its_floor"],
  ],
  [
    "a posting against the wrong account",
    "UPDATE ledger.postings SET counter = 'top_ups' WHERE book_id = '$' AND sequence = 2",
    [
      "balance_after_does_not_follow",
      "balance_is_not_the_sum_of_entries",
      "counter_is_not_that_of_the_kind",
      "sequence_has_a_gap",
      "sequence_is_not_the_number_of_entries",
    ],
  ],
  ["postings whose book is gone", "DELETE FROM ledger.books WHERE book_id = '$'", ["postings_without_a_book"]],
] as const)("verify reports %s, and repairs nothing", async ([, statement, findings], { db, superuserDb }) => {
  const book = await givenHistory(db);
  await tamper(superuserDb, statement.replaceAll("$", book));
  const drift = await verify(db, { bookId: book });
  expect([...new Set(drift.map((one) => one.finding))].sort()).toEqual(findings);
  expect(drift.every((one) => one.bookId === book && one.expected !== one.found)).toBe(true);
  expect(await verify(db, { bookId: book })).toEqual(drift);
});

pgTest(
  "the command ends with 0 when all is well, 1 when not, 2 when used wrongly",
  async ({ db, database, superuserDb }) => {
    const book = await givenHistory(db);
    const lines: string[] = [];
    const run = (...args: string[]) =>
      verifyCommand(args, { databaseUrl: database.appUrl, write: (line) => void lines.push(line) });
    expect(await run("--book", book)).toBe(0);
    expect(lines).toEqual(["The ledger is sound."]);
    await tamper(
      superuserDb,
      `UPDATE ledger.postings SET amount_micro = -21 WHERE book_id = '${book}' AND sequence = 2`,
    );
    expect(await run("--book", book)).toBe(1);
    expect(lines).toContain(`${book}  balance after does not follow (wallet, posting 2): expected 29, found 30`);
    expect(await run("--book", book, "--json")).toBe(1);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ bookId: book });
    expect(await run("--book", "x")).toBe(2);
    expect(await run("--nonsense")).toBe(2);
  },
);
