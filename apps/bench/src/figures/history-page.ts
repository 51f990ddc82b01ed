import { setTimeout as sleep } from "node:timers/promises";
import { listTransactions } from "@guildhall/api/server";
import type { Bench } from "../bench.ts";
import { assertExact, type Figure } from "../figure.ts";
import { type BigWallet, givenBigWallet } from "../scenarios/big-wallet.ts";
import { median, readable } from "../statistics.ts";

const PAGE = 50;
const DEPTHS = [1, 0.75, 0.5, 0.25, 0];

export const historyPage: Figure = {
  name: "history-page",
  about: "A page of 50 transactions at the depth that takes longest, time inside of the database by its own log",
  unit: "ms",
  better: "lower",
  goal: 0.5,
  gate: 1,
  async measure(bench) {
    const wallet = await givenBigWallet(bench);
    // One connection: its statements are planned once, as those of a running server are.
    const db = wallet.database.app(1);
    const cursors = DEPTHS.map((depth) => String(Math.floor(PAGE + 2 + depth * (wallet.rows - PAGE - 2))));
    const readPage = async (cursor: string) => {
      const { items } = await listTransactions(db, wallet.bookId, { cursor, limit: PAGE });
      assertExact("The first sequence of a page", BigInt(items[0]?.sequence ?? 0), BigInt(cursor) - 1n);
      assertExact("The length of a page", items.length, PAGE);
    };
    for (const cursor of cursors) for (let n = 0; n < 10; n += 1) await readPage(cursor);
    const medians: number[] = [];
    for (const cursor of cursors) medians.push(median(await databaseTimes(bench, wallet, () => readPage(cursor))));
    await db.close();
    const note = `${readable(wallet.rows)} rows, newest to oldest: ${medians.map(readable).join(", ")} ms`;
    return { value: Math.max(...medians), note };
  },
};

const PAGES = 40;
const DURATION = /duration: ([\d.]+) ms\s+(?:parse|bind|execute|statement)\b[^:]*: (.*)/;

/** Reads pages with Postgres logging how long each step of each statement took, and adds the steps up by page. */
async function databaseTimes(bench: Bench, { database }: BigWallet, read: () => Promise<void>): Promise<number[]> {
  const { sql } = database.superuser(1);
  const times: number[] = [];
  await sql`ALTER SYSTEM SET log_min_duration_statement = 0`;
  await sql`SELECT pg_reload_conf()`;
  await sleep(200);
  let spentMs = 0;
  const stopListening = bench.listenToPostgres((line) => {
    const [, duration, text] = DURATION.exec(line) ?? [];
    if (duration !== undefined && !/pg_reload_conf|^(begin|commit)$/i.test(text ?? "")) spentMs += Number(duration);
  });
  for (let page = 0; page < PAGES; page += 1) {
    spentMs = 0;
    await read();
    await sleep(5); // The log comes by another way than the answer.
    times.push(spentMs);
  }
  stopListening();
  await sql`ALTER SYSTEM RESET log_min_duration_statement`;
  await sql`SELECT pg_reload_conf()`;
  return times;
}
