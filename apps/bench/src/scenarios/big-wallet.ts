import { withOrganization } from "@guildhall/db";
import { openBook } from "@guildhall/ledger";
import { newId } from "@guildhall/shared";
import type { Bench, BenchDatabase } from "../bench.ts";

/** A wallet with a long history. */
export interface BigWallet {
  database: BenchDatabase;
  bookId: string;
  rows: number;
  balanceMicro: bigint;
}

const TOP_UP_MICRO = 1_000_000_000_000n;

/**
 * Fills one wallet with 10 million postings of uses, one micro-credit each after a top-up. They are written by SQL of our own, with
 * the indexes of the postings made afterwards: posting them would take longer than all the rest. Made once per run of the benchmark.
 */
export function givenBigWallet(bench: Bench): Promise<BigWallet> {
  return bench.once("big wallet", async () => {
    const rows = bench.size(10_000_000, 100_000);
    const database = await bench.createDatabase();
    const bookId = newId();
    const app = database.app(2);
    await withOrganization(app, bookId, (tx) => openBook(tx, bookId));
    bench.say(`Filling a wallet with ${rows.toLocaleString("en")} postings …`);
    const { sql } = database.superuser(1);
    await sql`SET maintenance_work_mem = '256MB'`;
    const keys = await sql<{ name: string; definition: string }[]>`
      SELECT conname AS name, pg_get_constraintdef(oid) AS definition
        FROM pg_constraint WHERE conrelid = 'ledger.postings'::regclass AND contype IN ('p', 'u')`;
    for (const { name } of keys) await sql`ALTER TABLE ledger.postings DROP CONSTRAINT ${sql(name)}`;
    await insertHistory(sql, bookId, rows);
    for (const { name, definition } of keys) {
      await sql`ALTER TABLE ledger.postings ADD CONSTRAINT ${sql(name)} ${sql.unsafe(definition)}`;
    }
    await insertUses(sql, bookId);
    await sql`VACUUM (ANALYZE) ledger.postings, usage_events`;
    await sql`CHECKPOINT`;
    return { database, bookId, rows, balanceMicro: TOP_UP_MICRO - BigInt(rows - 1) };
  });
}

async function insertHistory(
  sql: ReturnType<BenchDatabase["superuser"]>["sql"],
  bookId: string,
  rows: number,
): Promise<void> {
  const topUp = String(TOP_UP_MICRO);
  await sql`
    INSERT INTO ledger.postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence,
                                 counter_after_micro, kind, counter, description)
    SELECT ${bookId}::uuid, n, uuidv7(), now(), CASE n WHEN 1 THEN ${topUp}::bigint ELSE -1 END, ${topUp}::bigint - n + 1,
           CASE n WHEN 1 THEN 1 ELSE n - 1 END, CASE n WHEN 1 THEN -${topUp}::bigint ELSE n - 1 END,
           CASE n WHEN 1 THEN 'top_up' ELSE 'usage' END, CASE n WHEN 1 THEN 'top_ups' ELSE 'consumed' END,
           CASE n WHEN 1 THEN 'Top-up' ELSE '' END
      FROM generate_series(1, ${rows}::bigint) AS n`;
  await sql`
    UPDATE ledger.books SET wallet_micro = ${topUp}::bigint - ${rows - 1}::bigint, wallet_sequence = ${rows}::bigint,
           consumed_micro = ${rows - 1}::bigint, consumed_sequence = ${rows - 1}::bigint,
           top_ups_micro = -${topUp}::bigint, top_ups_sequence = 1,
           latest_key = uuidv7(), latest_key_sequence = ${rows}::bigint
     WHERE book_id = ${bookId}`;
}

/** As the portal charges them: what was used stands in the use alone. */
async function insertUses(sql: ReturnType<BenchDatabase["superuser"]>["sql"], bookId: string): Promise<void> {
  await sql`
    INSERT INTO usage_events (organization_id, id, occurred_at, agent, model, input_tokens, output_tokens, amount_micro,
                              posting_id, fingerprint, created_at)
    SELECT book_id, id, posted_at, 'support-triage', 'atlas-large', 1200, 350, 1, id, id, posted_at
      FROM ledger.postings WHERE book_id = ${bookId} AND kind = 'usage' ORDER BY sequence`;
}
