import { randomUUID } from "node:crypto";
import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { idOfKey } from "./idempotency-key.ts";
import type { PostingRequest } from "./posting.ts";
import { createTestClock, givenBook, hold, release, request, settle, topUp, transfer } from "./testing/given-book.ts";
import { verify } from "./verify.ts";

/** A wallet in which everything has happened that can happen, and one that knows plain debits alone. */
async function givenEveryKind(db: Database) {
  const clock = createTestClock();
  const writer = createBatchWriter({ db, clock });
  const [book, other, plain] = [await givenBook(db), await givenBook(db), await givenBook(db)];
  const post = async (one: PostingRequest) => {
    expect(await writer.post(one)).toMatchObject({ outcome: "accepted" });
    return one.idempotencyKey;
  };
  const inDays = (days: number) => new Date(clock.now().getTime() + days * DAY_MS);
  const place = (amount: bigint, toleranceMicro = 0n, days = 30) =>
    post(hold(book, amount, { toleranceMicro, expiresAt: inDays(days) }));
  await post(topUp(book, 200n));
  await post(topUp(book, 50n, { lot: { kind: "promotional", expiresAt: inDays(5) } }));
  await post(topUp(book, 40n, { lot: { kind: "paid" } }));
  await post(settle(book, await place(10n, 5n), 14n));
  await post(settle(book, await place(3n), 0n));
  await post(release(book, await place(60n)));
  await place(7n, 0n, 1);
  await place(5n);
  const used = await post(request(book, { amountMicro: -20n }));
  await post(request(book, { kind: "refund", amountMicro: 12n, refundOf: used }));
  await post(request(book, { kind: "adjustment", amountMicro: 4n }));
  await post(request(book, { kind: "adjustment", amountMicro: -3n }));
  await post(request(book, { kind: "top_up_reversal", amountMicro: -2n }));
  await post(transfer(book, other, 6n));
  await post(transfer(other, book, 1n));
  clock.advance(6 * DAY_MS);
  await post(request(book, { amountMicro: -1n }));
  await post(topUp(plain, 9n));
  for (const amountMicro of [-1n, -2n, -3n]) await post(request(plain, { amountMicro }));
  await writer.stop();
  return { book, other, plain, used };
}

pgTest("after every kind of posting nothing is reported, of one wallet or of all", async ({ db }) => {
  const { book, other, plain } = await givenEveryKind(db);
  for (const bookId of [book, other, plain]) expect(await verify(db, { bookId })).toEqual([]);
  expect(await verify(db)).toEqual([]);
});

const UNBURNED = "lot_is_not_what_its_burns_left";

pgTest.for([
  [
    "a hold of another amount than was posted",
    "UPDATE ledger.holds SET amount_micro = 61 WHERE book_id = '$' AND amount_micro = 60",
    ["hold_is_not_its_posting", "release_is_not_what_was_held"],
  ],
  [
    "a hold that is gone",
    "DELETE FROM ledger.holds WHERE book_id = '$' AND amount_micro = 60",
    ["end_of_no_hold", "hold_is_not_its_posting"],
  ],
  [
    "a hold that ended otherwise than was posted",
    "UPDATE ledger.holds SET state = 'settled', settled_micro = 60 WHERE book_id = '$' AND amount_micro = 60",
    ["hold_did_not_end_as_posted"],
  ],
  [
    "a hold that was settled for another amount than was posted",
    "UPDATE ledger.holds SET settled_micro = 13 WHERE book_id = '$' AND amount_micro = 10",
    ["hold_did_not_end_as_posted"],
  ],
  [
    "a hold that is open again",
    "UPDATE ledger.holds SET state = 'open', closed_at = NULL WHERE book_id = '$' AND state = 'expired'",
    ["held_is_not_the_sum_of_open_holds", "hold_did_not_end_as_posted"],
  ],
  [
    "a settlement beyond the tolerance",
    "UPDATE ledger.holds SET tolerance_micro = 3 WHERE book_id = '$' AND amount_micro = 10",
    ["hold_settled_beyond_its_tolerance"],
  ],
  [
    "a lot below zero",
    "UPDATE ledger.lots SET remaining_micro = -1 WHERE book_id = '$' AND granted_micro = 40",
    [UNBURNED, "lot_is_out_of_its_bounds", "lots_are_not_the_sum_of_what_remains"],
  ],
  [
    "a lot that is larger than what was posted",
    "UPDATE ledger.lots SET granted_micro = 41 WHERE book_id = '$' AND granted_micro = 40",
    [UNBURNED, "lot_is_not_what_was_posted"],
  ],
  [
    "lots beyond what the wallet has",
    `UPDATE ledger.lots SET granted_micro = 5040, remaining_micro = remaining_micro + 5000 WHERE book_id = '$' AND granted_micro = 40;
     UPDATE ledger.books SET lots_micro = lots_micro + 5000 WHERE book_id = '$'`,
    ["lot_is_not_what_was_posted", "lots_exceed_the_wallet"],
  ],
  [
    "a posting that burned more than it took",
    "UPDATE ledger.burns b SET amount_micro = 300 FROM ledger.postings p WHERE b.book_id = '$' AND p.book_id = '$' AND p.sequence = b.sequence AND p.kind = 'transfer' AND p.amount_micro < 0",
    ["burns_are_not_those_of_their_posting", UNBURNED],
  ],
  [
    "what a release did not give back",
    `DELETE FROM ledger.burns b USING ledger.postings p, ledger.lots l WHERE b.book_id = '$' AND p.book_id = '$' AND p.sequence = b.sequence
        AND p.kind = 'release' AND p.amount_micro = 60 AND l.book_id = '$' AND l.lot_id = b.lot_id AND l.granted_micro = 40`,
    [UNBURNED, "release_did_not_return_to_the_lot"],
  ],
  ["a lot that is gone", "DELETE FROM ledger.lots WHERE book_id = '$' AND granted_micro = 1", ["burn_of_no_lot"]],
  [
    "a refund of another amount than was used",
    "UPDATE ledger.postings SET amount_micro = -11 WHERE book_id = '$' AND id = 'USED'",
    [
      "balance_after_does_not_follow",
      "balance_is_not_the_sum_of_entries",
      "burns_are_not_those_of_their_posting",
      "refund_exceeds_what_was_used",
    ],
  ],
  [
    "a refund of nothing that was used",
    `UPDATE ledger.postings SET attributes = '{"refundOf": "nothing"}' WHERE book_id = '$' AND kind = 'refund'`,
    ["refund_exceeds_what_was_used"],
  ],
  [
    "a largest key that is not",
    "UPDATE ledger.books SET latest_key = '00000000-0000-7000-8000-000000000000' WHERE book_id = 'PLAIN'",
    ["latest_key_is_not_the_largest"],
  ],
  [
    "a largest key of a posting to come",
    "UPDATE ledger.books SET latest_key_sequence = latest_key_sequence + 1 WHERE book_id = 'PLAIN'",
    ["latest_key_is_of_a_posting_to_come"],
  ],
] as const)("verify reports %s, and the row that it is about", async ([, statement, findings], { db, superuserDb }) => {
  const { book, plain, used } = await givenEveryKind(db);
  await superuserDb.sql.begin(async (tx) => {
    await tx`ALTER TABLE ledger.holds DROP CONSTRAINT IF EXISTS settled_within_tolerance`;
    await tx`ALTER TABLE ledger.lots DROP CONSTRAINT IF EXISTS lots_remaining_micro_check, DROP CONSTRAINT IF EXISTS lots_check`;
    await tx.unsafe(statement.replaceAll("$", book).replaceAll("PLAIN", plain).replaceAll("USED", used));
  });
  const drift = (await Promise.all([book, plain].map((bookId) => verify(db, { bookId })))).flat();
  expect([...new Set(drift.map((one) => one.finding))].sort()).toEqual([...findings].sort());
  expect(drift.every((one) => one.expected !== one.found)).toBe(true);
  expect(drift.filter(({ subject, account, sequence }) => (subject ?? account ?? sequence) === null)).toEqual(
    drift.filter(({ finding }) => finding === "lots_are_not_the_sum_of_what_remains"),
  );
});

pgTest("verify reports refunds beyond what a wallet has used in all", async ({ db }) => {
  const writer = createBatchWriter({ db });
  const book = await givenBook(db);
  await writer.post(topUp(book, 10n));
  await writer.post(request(book, { amountMicro: -5n }));
  await writer.post(request(book, { kind: "refund", amountMicro: 6n }));
  await writer.stop();
  expect(await verify(db, { bookId: book })).toMatchObject([
    { finding: "refunds_exceed_what_was_used", expected: "at least 0", found: "-1" },
  ]);
});

pgTest("the database knows under which id a key is posted as the writer does", async ({ db }) => {
  const keys = [newId(), randomUUID(), idOfKey("an order of ours"), "ffffffff-ffff-7fff-7fff-ffffffffffff"];
  keys.push(...Array.from({ length: 50 }, () => randomUUID()));
  const rows = await db.sql<{ id: string }[]>`
    SELECT ledger.posting_id_of(key) AS id FROM unnest(${keys}::uuid[]) WITH ORDINALITY AS k(key, place) ORDER BY place`;
  expect(rows.map(({ id }) => id)).toEqual(keys.map(idOfKey));
});
