import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { type AdjustedBalance, toAdjustedBalance } from "./adjust-balance.ts";
import { AuditedPosting } from "./audit-postings.ts";
import { postToWallet } from "./post-to-wallet.ts";
import { refuseUnlessPosted } from "./refuse-unless-posted.ts";
import { decideAdjustment } from "./wallet-policy.ts";

/**
 * Adds promotional credits, which are spent before paid ones and end at a time of their own. Idempotent by the key.
 * @throws invalid_input (an end that has passed), organization_inactive, idempotency_conflict, overloaded
 */
export async function grantCredits(
  services: Pick<Services, "ledger" | "clock" | "db">,
  actor: OrganizationActor,
  input: { amountMicro: bigint; description: string; expiresAt: Date; idempotencyKey: string },
): Promise<AdjustedBalance> {
  const { amountMicro, description, expiresAt, idempotencyKey } = input;
  const refusal = findRefusal(actor, expiresAt, services.clock.now());
  if (refusal) await refuseUnlessPosted(services, { ...actor, idempotencyKey }, refusal);
  const posted = await postToWallet(services, {
    bookId: actor.organizationId,
    kind: "top_up",
    lot: { kind: "promotional", expiresAt },
    amountMicro,
    description,
    idempotencyKey,
    actorId: actor.userId,
    attachment: new AuditedPosting({ actor, action: "credits.granted", details: { expiresAt } }),
  });
  return toAdjustedBalance(posted);
}

function findRefusal({ status }: OrganizationActor, expiresAt: Date, now: Date): DomainError | undefined {
  const decision = decideAdjustment(status);
  if (!decision.ok) return new DomainError(decision.reason, { status }, decision.message);
  if (expiresAt > now) return undefined;
  return new DomainError("invalid_input", { field: "expiresAt" }, "Choose an end that lies in the future.");
}
