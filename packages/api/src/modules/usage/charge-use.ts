import type { PostingAccepted, PostingRequest } from "@guildhall/ledger";
import type { Services } from "../../trpc/context.ts";
import { postToWallet } from "../wallets/index.ts";
import type { PricedReport } from "./price-use.ts";
import { type PricedUse, UseAttachment } from "./usage.events.ts";

/** What recording a use has come to. */
export interface RecordedUsage {
  id: string;
  amountMicro: bigint;
  /** What the wallet held after it, in micro-credits. */
  balanceMicro: bigint;
  /** Its place in the wallet's history; null for a use that cost nothing. */
  sequence: bigint | null;
  /** True when this very use had been recorded before: nothing was charged again. */
  replayed: boolean;
}

/**
 * Debits what a use costs and records it in the same transaction. Charged before, it is answered with that first posting,
 * whatever the price is now. @throws insufficient_balance, idempotency_conflict, overloaded
 */
export async function chargeUse(
  services: Pick<Services, "ledger">,
  { use, member }: PricedReport,
): Promise<RecordedUsage> {
  const posted = await postToWallet(services, {
    ...toPosting(use),
    attributes: {
      agent: use.agent,
      model: use.model,
      inputTokens: Number(use.inputTokens),
      outputTokens: Number(use.outputTokens),
      ...(member && { memberId: member.id, memberName: member.name }),
    },
    attachment: new UseAttachment(use),
  });
  return toRecorded(use.id, posted);
}

/** Answers with what a use that was charged before has done to the wallet: the ledger knows the key. */
export async function repeatCharge(services: Pick<Services, "ledger">, first: PricedUse): Promise<RecordedUsage> {
  return toRecorded(first.id, await postToWallet(services, toPosting(first)));
}

function toPosting(use: PricedUse): PostingRequest {
  return {
    bookId: use.organizationId,
    kind: "usage",
    amountMicro: -use.amountMicro,
    description: `${use.agent} · ${use.model}`,
    idempotencyKey: use.id,
    fingerprint: use.fingerprint,
  };
}

function toRecorded(id: string, posted: PostingAccepted): RecordedUsage {
  const { outcome, amountMicro, balanceAfterMicro, heldMicro, sequence } = posted;
  const balanceMicro = balanceAfterMicro + heldMicro;
  return { id, amountMicro: -amountMicro, balanceMicro, sequence, replayed: outcome === "replayed" };
}
