import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "@guildhall/db";
import { createBatchWriter } from "../batch-writer.ts";
import { request } from "./given-book.ts";

/** What a spender does: one micro-credit per key, every tenth key twice. */
export interface SpenderTask {
  url: string;
  /** Idempotency keys per book. */
  keys: Record<string, string[]>;
}

/** What a spender was told, per book. */
export interface SpenderReport {
  accepted: Record<string, string[]>;
  replayed: Record<string, string[]>;
  errors: string[];
}

/** Spends as fast as it can, through a pool and a batch writer of its own, as another process of the server would. */
async function spend({ url, keys }: SpenderTask): Promise<SpenderReport> {
  const db = openDatabase({ url, maxConnections: 2, applicationName: "test-spender" });
  const writer = createBatchWriter({ db, batchSize: 100, lanes: 2 });
  const report: SpenderReport = { accepted: {}, replayed: {}, errors: [] };
  const spendOne = async (bookId: string, key: string) => {
    const result = await writer.post(request(bookId, { amountMicro: -1n, idempotencyKey: key }));
    if (result.outcome === "conflict") report.errors.push(`conflict on ${key}`);
    if (result.outcome !== "accepted" && result.outcome !== "replayed") return;
    const ofBook = report[result.outcome];
    ofBook[bookId] = [...(ofBook[bookId] ?? []), key];
  };
  const all = Object.entries(keys).flatMap(([book, ofBook]) =>
    ofBook.flatMap((key, place) =>
      place % 10 === 0 ? [spendOne(book, key), spendOne(book, key)] : [spendOne(book, key)],
    ),
  );
  for (const outcome of await Promise.allSettled(all)) {
    if (outcome.status === "rejected") report.errors.push(String(outcome.reason));
  }
  await writer.stop();
  await db.close();
  return report;
}

parentPort?.postMessage(await spend(workerData as SpenderTask));
