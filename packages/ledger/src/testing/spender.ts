import { once } from "node:events";
import { openDatabase } from "@guildhall/db";
import { createBatchWriter } from "../batch-writer.ts";
import { request } from "./given-book.ts";

/** What a spender does: one micro-credit per key, every tenth key twice at once, and all of them again in the end. */
export interface SpenderTask {
  url: string;
  /** Idempotency keys per book. */
  keys: Record<string, string[]>;
}

/** Every answer that a spender was given: an outcome, or the error. */
export type SpenderReport = { bookId: string; key: string; answer: string }[];

/** Spends as fast as it can, through a pool and a batch writer of its own. */
async function spend({ url, keys }: SpenderTask): Promise<SpenderReport> {
  const db = openDatabase({ url, maxConnections: 2, applicationName: "test-spender" });
  const writer = createBatchWriter({ db, batchSize: 100, lanes: 2 });
  const spendOne = async ({ bookId, key }: { bookId: string; key: string }) => {
    const posted = writer.post(request(bookId, { amountMicro: -1n, idempotencyKey: key }));
    return { bookId, key, answer: await posted.then(({ outcome }) => outcome, String) };
  };
  const all = Object.entries(keys).flatMap(([bookId, ofBook]) => ofBook.map((key) => ({ bookId, key })));
  const first = all.flatMap((one, place) => (place % 10 === 0 ? [one, one] : [one]));
  const report = [...(await Promise.all(first.map(spendOne))), ...(await Promise.all(all.map(spendOne)))];
  await writer.stop();
  await db.close();
  return report;
}

// A process of its own, with a channel to the one that started it: says that it is there, is told what to do, reports, and ends.
process.send?.("ready");
const [task] = (await once(process, "message")) as [SpenderTask];
const report = await spend(task);
process.send?.(report, () => process.disconnect());
