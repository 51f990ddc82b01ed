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

/** The debit of what a use costs, with the use itself, which is recorded in the same transaction. */
export function toCharge({ use, member }: PricedReport): PostingRequest {
  const [inputTokens, outputTokens] = [Number(use.inputTokens), Number(use.outputTokens)];
  const { agent, model } = use;
  const attributes: NonNullable<PostingRequest["attributes"]> = member
    ? { agent, model, inputTokens, outputTokens, memberId: member.id, memberName: member.name }
    : { agent, model, inputTokens, outputTokens };
  return { ...toPosting(use), attributes, attachment: new UseAttachment(use) };
}

/** Answers with what a use that was charged before has done to the wallet: the ledger knows the key. */
export async function repeatCharge(services: Pick<Services, "ledger">, first: PricedUse): Promise<RecordedUsage> {
  return toRecorded(first, await postToWallet(services, toPosting(first)));
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

/** What a posting tells of its use. Charged before, it is that first posting, whatever the price is now. */
export function toRecorded({ id }: Pick<PricedUse, "id">, posted: PostingAccepted): RecordedUsage {
  const { outcome, amountMicro, balanceAfterMicro, heldMicro, sequence } = posted;
  const balanceMicro = balanceAfterMicro + heldMicro;
  return { id, amountMicro: -amountMicro, balanceMicro, sequence, replayed: outcome === "replayed" };
}
