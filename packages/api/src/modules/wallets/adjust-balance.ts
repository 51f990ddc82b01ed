import type { PostingAccepted } from "@guildhall/ledger";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { AuditedPosting } from "./audit-postings.ts";
import { postToWallet } from "./post-to-wallet.ts";
import { refuseUnlessPosted } from "./refuse-unless-posted.ts";
import { decideAdjustment } from "./wallet-policy.ts";

/** A change of the balance by hand. */
export interface Adjustment {
  /** Above zero adds, below zero takes. */
  amountMicro: bigint;
  description: string;
  idempotencyKey: string;
}

/** The wallet after a change. Amounts are decimal texts of micro-credits. */
export interface AdjustedBalance {
  balanceMicro: string;
  /** The posting's place in the wallet's history. */
  sequence: string;
  /** True when this very request had been carried out before: nothing was done again. */
  replayed: boolean;
}

/** The wallet after credits were added, and how many they were. */
export interface AddedCredits extends AdjustedBalance {
  amountMicro: string;
}

/** What a posting did to the wallet, as it goes over the wire. */
export function toAdjustedBalance(posted: PostingAccepted): AdjustedBalance {
  return {
    balanceMicro: String(posted.balanceAfterMicro + posted.heldMicro),
    sequence: String(posted.sequence),
    replayed: posted.outcome === "replayed",
  };
}

/** Posts a change by hand, in the name of a person. What addCredits and deductCredits share. */
export async function adjustBalance(
  services: Pick<Services, "ledger" | "db">,
  actor: OrganizationActor,
  adjustment: Adjustment,
): Promise<AdjustedBalance> {
  const decision = decideAdjustment(actor.status);
  if (!decision.ok) {
    const refusal = new DomainError(decision.reason, { status: actor.status }, decision.message);
    await refuseUnlessPosted(services, { ...actor, idempotencyKey: adjustment.idempotencyKey }, refusal);
  }
  const posted = await postToWallet(services, {
    ...adjustment,
    bookId: actor.organizationId,
    kind: "adjustment",
    actorId: actor.userId,
    attachment: new AuditedPosting({
      actor,
      action: adjustment.amountMicro < 0n ? "credits.deducted" : "credits.added",
    }),
  });
  return toAdjustedBalance(posted);
}
