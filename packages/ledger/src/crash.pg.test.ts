import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pgTest } from "@guildhall/db/testing";
import { expect } from "vitest";
import { createBatchWriter } from "./batch-writer.ts";
import { givenBook, historyOf, topUp } from "./testing/given-book.ts";
import { verify } from "./verify.ts";

const SPENDER = fileURLToPath(new URL("./testing/spender-process.ts", import.meta.url));
const KILLS = 20;

/** Lets a spender run until it has been told of this many debits, kills it, and returns the keys it was told of. */
async function spendUntilKilled(url: string, bookId: string, acknowledged: number): Promise<string[]> {
  const child = spawn(process.execPath, [SPENDER, url, bookId], { stdio: ["ignore", "pipe", "inherit"] });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
    if (told.length > acknowledged * 37) child.kill("SIGKILL");
  });
  await once(child, "close");
  return told.split("\n").filter((line) => line.length === 36);
}

pgTest(
  "killed in the middle of batches, twenty times: every acknowledged debit is there once, nothing is there twice",
  { timeout: 600_000 },
  async ({ db, database }) => {
    const writer = createBatchWriter({ db });
    const book = await givenBook(db);
    await writer.post(topUp(book, 1_000_000_000n));
    const told: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 2) {
      const pair = [kill, kill + 1].map((one) => spendUntilKilled(database.appUrl, book, 1 + one * 17));
      told.push(...(await Promise.all(pair)).flat());
    }
    await writer.post(topUp(book, 1n)); // Waits for the lock of whatever the killed have left behind.
    await writer.stop();
    const posted = (await historyOf(db, book)).map((posting) => posting.postingId);
    expect(new Set(posted).size).toBe(posted.length);
    expect(told.length).toBeGreaterThan(KILLS);
    expect(new Set(told).difference(new Set(posted))).toEqual(new Set());
    expect(await verify(db, { bookId: book })).toEqual([]);
  },
);
