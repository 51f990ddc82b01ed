import { writeSync } from "node:fs";
import { openDatabase } from "@guildhall/db";
import { newId } from "@guildhall/shared";
import { createBatchWriter } from "../batch-writer.ts";
import { request } from "./given-book.ts";

/**
 * Spends one micro-credit after the other, many at a time, until it is killed, and writes the key of each debit to standard
 * output as soon as it is told that it was accepted: `node spender-process.ts DATABASE_URL BOOK_ID`.
 */
const IN_FLIGHT = 32;
const STANDARD_OUTPUT = 1;
const [url = "", bookId = ""] = process.argv.slice(2);
const db = openDatabase({ url, maxConnections: 2, applicationName: "test-spender-process" });
const writer = createBatchWriter({ db, onPosted: async (tx) => void (await tx`SELECT 1`) });

async function spendOn(): Promise<never> {
  for (;;) {
    const idempotencyKey = newId();
    const result = await writer.post(request(bookId, { amountMicro: -1n, idempotencyKey }));
    if (result.outcome === "accepted") writeSync(STANDARD_OUTPUT, `${idempotencyKey}\n`);
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, spendOn));
