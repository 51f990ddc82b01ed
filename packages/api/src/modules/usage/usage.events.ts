import type { TransactionSql } from "@guildhall/db";
import type { Clock } from "@guildhall/shared";
import type { PostingReaction } from "../wallets/index.ts";

/** A use with its price, ready to be written. */
export interface PricedUse {
  organizationId: string;
  /** Derived from the idempotency key; also the posting's id. */
  id: string;
  /** What was asked, hashed. */
  fingerprint: string;
  occurredAt: Date;
  agent: string;
  memberId: string | null;
  model: string;
  inputTokens: bigint;
  outputTokens: bigint;
  amountMicro: bigint;
  apiKeyId: string | null;
}

/** Hands a use to the transaction that posts it. */
export class UseAttachment {
  readonly use: PricedUse;

  constructor(use: PricedUse) {
    this.use = use;
  }
}

/** Writes the uses behind a batch of postings, all in one statement, in the transaction that posts them. */
export function recordUses(clock: Clock): PostingReaction {
  return async (tx, posted) => {
    const uses = posted.flatMap(({ request }) =>
      request.attachment instanceof UseAttachment ? request.attachment.use : [],
    );
    if (uses.length > 0) await insertUses(tx, uses, clock.now());
  };
}

/** Writes uses. @throws an error of Postgres (unique violation) when one was recorded under its key before */
export async function insertUses(tx: TransactionSql, uses: readonly PricedUse[], now: Date): Promise<void> {
  await tx`SELECT record_usage(${tx.json(uses.map(toRow))}, ${now})`;
}

function toRow(use: PricedUse) {
  return {
    ...use,
    occurredAt: use.occurredAt.toISOString(),
    inputTokens: String(use.inputTokens),
    outputTokens: String(use.outputTokens),
    amountMicro: String(use.amountMicro),
    // What costs nothing moves no wallet.
    postingId: use.amountMicro === 0n ? null : use.id,
  };
}
