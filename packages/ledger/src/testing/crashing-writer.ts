import { openDatabase } from "@guildhall/db";
import { type Clock, isDomainError } from "@guildhall/shared";
import { createBatchWriter } from "../batch-writer.ts";
import type { PostingRequest } from "../posting.ts";
import { createProxy } from "./lossy-proxy.ts";

/** A writer that is gone as soon as it has posted: before the commit, or after it but before it is told so. */
export interface Crash {
  databaseUrl: string;
  clock: Clock;
  isCommitted: boolean;
}

/** Asks such a writer. Says what it answered, and whether it got as far as to crash: a mere refusal is answered. */
export async function postAndCrash({ databaseUrl, clock, isCommitted }: Crash, one: PostingRequest) {
  const proxy = await createProxy(databaseUrl);
  const db = openDatabase({ url: proxy.url, maxConnections: 1, applicationName: "test-crash" });
  let hasCrashed = false;
  const writer = createBatchWriter({
    ...{ db, clock, lanes: 1, retryForMs: 0 },
    async onPosted(tx) {
      await tx`SELECT 1`;
      hasCrashed = true;
      if (isCommitted) proxy.loseAnswers();
      else await proxy.close();
    },
  });
  const outcome = await writer.post(one).then(
    (result) => result.outcome,
    (error: unknown) => {
      if (isDomainError(error)) return error.code;
      throw error;
    },
  );
  await writer.stop();
  await db.close(100);
  if (isCommitted || !hasCrashed) await proxy.close();
  return { outcome, hasCrashed };
}
