import type { TransactionSql } from "@guildhall/db";
import { type Clock, DomainError } from "@guildhall/shared";
import type { Origin } from "../../trpc/context.ts";
import { AuditedPosting, type PostingReaction } from "../wallets/index.ts";

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

/** A correction, ready to be written. */
export interface Reversal {
  organizationId: string;
  usageId: string;
  /** Derived from the idempotency key; also the refund's id. */
  id: string;
  reason: string;
  actorId: string | null;
  apiKeyId: string | null;
}

/** Hands a correction to the transaction that posts its refund. */
export class ReversalAttachment extends AuditedPosting {
  readonly reversal: Reversal;

  constructor(reversal: Reversal, origin: Origin | undefined) {
    const { actorId, usageId } = reversal;
    super(actorId ? { actor: { userId: actorId, origin }, action: "usage.reversed", details: { usageId } } : null);
    this.reversal = reversal;
  }
}

/**
 * Writes the uses and corrections behind a batch of postings, all of a kind in one statement, in the transaction that posts
 * them.
 */
export function recordUses(clock: Clock): PostingReaction {
  return async (tx, posted) => {
    const uses: PricedUse[] = [];
    const reversals: Reversal[] = [];
    for (const { request } of posted) {
      if (request.attachment instanceof UseAttachment) uses.push(request.attachment.use);
      else if (request.attachment instanceof ReversalAttachment) reversals.push(request.attachment.reversal);
    }
    if (uses.length > 0) await insertUses(tx, uses, clock.now());
    if (reversals.length > 0)
      await tx`SELECT record_reversals(${tx.json(reversals.map((reversal) => ({ ...reversal })))}, ${clock.now()})`;
  };
}

/**
 * Writes uses that were charged, as arrays: they cost the database less to read than JSON does.
 * @throws an error of Postgres (unique violation) when one was recorded under its key before
 */
async function insertUses(tx: TransactionSql, uses: readonly PricedUse[], now: Date): Promise<void> {
  await tx`
    SELECT record_usage(${now}, ${uses.map((use) => use.organizationId)}::uuid[], ${uses.map((use) => use.id)}::uuid[],
        ${uses.map((use) => use.occurredAt.toISOString())}::text[]::timestamptz[],
        ${uses.map((use) => use.agent)}::text[], ${uses.map((use) => use.model)}::text[],
        ${uses.map((use) => String(use.inputTokens))}::bigint[], ${uses.map((use) => String(use.outputTokens))}::bigint[],
        ${uses.map((use) => String(use.amountMicro))}::bigint[], ${uses.map((use) => use.fingerprint)}::uuid[],
        ${listIfAny(uses.map((use) => use.memberId))}::uuid[], ${listIfAny(uses.map((use) => use.apiKeyId))}::uuid[])
  `.catch(asRefusal);
}

/** Empty when no use has it, which is read as none. */
function listIfAny(ids: (string | null)[]): (string | null)[] {
  return ids.some((id) => id !== null) ? ids : [];
}

/** Raised by the trigger that counts what members spend (migration 0006). */
const ALLOWANCE_EXCEEDED = "GH001";

/** Turns what counting spending raises into the portal's refusal. */
export function asRefusal(error: unknown): never {
  const isExceeded = error instanceof Error && "code" in error && error.code === ALLOWANCE_EXCEEDED;
  throw isExceeded ? new DomainError("allowance_exceeded") : error;
}

/**
 * Writes uses that cost nothing, inside the transaction of their organization. Returns the ids of those that are new: what was
 * recorded before under the same key is left as it is.
 */
export async function insertFreeUses(tx: TransactionSql, uses: readonly PricedUse[], now: Date): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`SELECT record_free_usage(${tx.json(uses.map(toFreeRow))}, ${now}) AS id`;
  return rows.map((row) => row.id);
}

function toFreeRow(use: PricedUse) {
  return {
    ...use,
    occurredAt: use.occurredAt.toISOString(),
    inputTokens: String(use.inputTokens),
    outputTokens: String(use.outputTokens),
    amountMicro: String(use.amountMicro),
  };
}
