import { hashToUuid, isKeyOfItself, type PostingAccepted, type PostingRequest } from "@guildhall/ledger";
import { isDomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { describeUse, postToWallet } from "../wallets/index.ts";
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
 * The debit of what a use costs, with the use itself, which is recorded in the same transaction. What was used stands in the use, and
 * the history finds it there by the posting's id (search-postings.ts). It stands in the posting as well where that has another id, and where
 * a member is named, by whom the history is searched.
 */
export function toCharge({ use, member }: PricedReport): PostingRequest {
  const attachment = new UseAttachment(use);
  if (!member && isKeyOfItself(use.id)) return { ...toPosting(use), attachment };
  const { description, attributes: used } = describeUse(use);
  const attributes = member ? { ...used, memberId: member.id, memberName: member.name } : used;
  return { ...toPosting(use), description, attributes, attachment };
}

/** Answers with what a use that was charged before has done to the wallet: the ledger knows the key. */
export async function repeatCharge(services: Pick<Services, "ledger">, first: PricedUse): Promise<RecordedUsage> {
  const posting = toPosting(first);
  const posted = await postToWallet(services, posting).catch((error) => {
    if (!isDomainError(error) || error.code !== "idempotency_conflict") throw error;
    // Until migration 0033 the ledger hashed the fingerprint once more.
    return postToWallet(services, { ...posting, fingerprint: hashToUuid(first.fingerprint) });
  });
  return toRecorded(first, posted);
}

function toPosting(use: PricedUse): PostingRequest {
  return {
    bookId: use.organizationId,
    kind: "usage",
    amountMicro: -use.amountMicro,
    description: "",
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
