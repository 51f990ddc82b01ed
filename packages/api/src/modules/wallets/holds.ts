import { withOrganization } from "@guildhall/db";
import { type PostingAccepted, readHolds } from "@guildhall/ledger";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { postToWallet } from "./post-to-wallet.ts";

type HoldServices = Pick<Services, "ledger" | "db" | "clock">;
type Holder = Pick<OrganizationActor, "organizationId" | "status">;

/** What a change of a hold did to the wallet. Amounts in micro-credits. */
export interface HoldResult {
  holdId: string;
  /** The posting's place in the wallet's history. */
  sequence: bigint;
  availableMicro: bigint;
  heldMicro: bigint;
  replayed: boolean;
}

export interface HoldOrder {
  /** Above zero. */
  amountMicro: bigint;
  description: string;
  /** From when on it is released by itself, in seconds from now. */
  ttlSeconds: number;
  /** How much more than was reserved may be settled, in micro-credits. */
  toleranceMicro: bigint;
  idempotencyKey: string;
}

/**
 * Reserves credits: they stay in the balance and cannot be spent otherwise until the hold is settled, released or expires.
 * @throws organization_inactive, insufficient_balance, idempotency_conflict, overloaded
 */
export async function reserveCredits(services: HoldServices, holder: Holder, order: HoldOrder): Promise<HoldResult> {
  if (holder.status !== "active") throw new DomainError("organization_inactive", { status: holder.status });
  const { amountMicro, description, ttlSeconds, toleranceMicro, idempotencyKey } = order;
  const expiresAt = new Date(services.clock.now().getTime() + ttlSeconds * 1_000);
  const posted = await postToWallet(services, {
    bookId: holder.organizationId,
    kind: "hold",
    amountMicro: -amountMicro,
    description,
    idempotencyKey,
    hold: { expiresAt, toleranceMicro },
    // The end is counted from now, so a retry would name another one: what was asked makes two orders the same.
    fingerprint: JSON.stringify([String(amountMicro), description, ttlSeconds, String(toleranceMicro)]),
  });
  return toResult(posted.postingId, posted);
}

/**
 * Ends a hold by charging what was used: less, the same, or more up to the hold's tolerance. What is left over is free again.
 * An organization that has become inactive still settles what it reserved while it was active.
 * @throws not_found, hold_closed, hold_exceeded, insufficient_balance, idempotency_conflict, overloaded
 */
export async function settleHold(
  services: HoldServices,
  holder: Holder,
  order: { holdId: string; amountMicro: bigint; description: string; idempotencyKey: string },
): Promise<HoldResult> {
  const { holdId, amountMicro, description, idempotencyKey } = order;
  const posted = await postToWallet(services, {
    bookId: holder.organizationId,
    kind: "settle",
    holdId,
    amountMicro: -amountMicro,
    description,
    idempotencyKey,
  });
  return toResult(holdId, posted);
}

/** Ends a hold without a charge. @throws not_found, hold_closed, idempotency_conflict, overloaded */
export async function releaseHold(
  services: HoldServices,
  holder: Holder,
  order: { holdId: string; idempotencyKey: string },
): Promise<HoldResult> {
  const posted = await postToWallet(services, {
    bookId: holder.organizationId,
    kind: "release",
    holdId: order.holdId,
    amountMicro: 0n,
    description: "Hold released",
    idempotencyKey: order.idempotencyKey,
  });
  return toResult(order.holdId, posted);
}

/** The organization's open holds, the one that expires first first. Amounts are decimal texts of micro-credits. */
export async function listHolds(services: Pick<Services, "db">, organizationId: string) {
  const holds = await withOrganization(services.db, organizationId, (tx) => readHolds(tx, organizationId));
  return holds.map((hold) => ({
    holdId: hold.holdId,
    amountMicro: String(hold.amountMicro),
    toleranceMicro: String(hold.toleranceMicro),
    expiresAt: hold.expiresAt.toISOString(),
  }));
}

function toResult(holdId: string, posted: PostingAccepted): HoldResult {
  const { sequence, balanceAfterMicro, heldMicro, outcome } = posted;
  return { holdId, sequence, availableMicro: balanceAfterMicro, heldMicro, replayed: outcome === "replayed" };
}
