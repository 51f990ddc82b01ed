import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { givenBook, hold, release, request, topUp } from "./testing/given-book.ts";

pgTest("a replay reads no more of its wallet's history when that is long", async ({ db, superuserDb }) => {
  const writer = createBatchWriter({ db, lanes: 1 });
  const [held, plain] = [await givenBook(db), await givenBook(db)];
  for (const book of [held, plain]) await writer.post(topUp(book, 10_000n));
  const placed = hold(held, 7n);
  await writer.post(placed);
  const debits = [held, plain].flatMap((book) =>
    Array.from({ length: 2_000 }, () => request(book, { amountMicro: -1n })),
  );
  const answers = await Promise.all(debits.map((one) => writer.post(one)));
  await writer.post(release(held, placed.idempotencyKey));
  await superuserDb.sql`ANALYZE ledger.postings`;

  const rowsRead = (book: string, sequence: bigint) =>
    superuserDb.sql.begin(async (tx) => {
      const count = async () => {
        const [row] = await tx<{ rows: number }[]>`
          SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_all_tables WHERE relid = 'ledger.postings'::regclass`;
        return row?.rows ?? 0;
      };
      const counted = await count();
      const [row] = await tx<{ held: bigint }[]>`SELECT ledger.held_at(${book}, ${String(sequence)}::bigint) AS held`;
      return { held: row?.held, isFew: (await count()) - counted <= 4 };
    });
  expect(await rowsRead(held, 2_000n)).toEqual({ held: 7n, isFew: true });
  expect(await rowsRead(held, 1n)).toEqual({ held: 0n, isFew: true });
  expect(await rowsRead(held, 3_000n)).toEqual({ held: 0n, isFew: true });
  expect(await rowsRead(plain, 2_000n)).toEqual({ held: 0n, isFew: true });
  expect(await writer.post(debits[5] as (typeof debits)[0])).toEqual({ ...answers[5], outcome: "replayed" });
  await writer.stop();
});
