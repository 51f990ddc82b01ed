import { type Tx, withOrganization } from "@guildhall/db";
import { holdMembers, users } from "@guildhall/db/schema";
import { idOfKey, type PostingAccepted, type PostingRequest, readHolds } from "@guildhall/ledger";
import { eq, inArray } from "drizzle-orm";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { findHoldRefusal } from "./hold-policy.ts";
import { postToWallet } from "./post-to-wallet.ts";
import { refuseUnlessPosted } from "./refuse-unless-posted.ts";

type HoldServices = Pick<Services, "ledger" | "db" | "clock">;

/** Who places and ends holds: a member, or a program by its key. */
export type Holder = Pick<OrganizationActor, "organizationId" | "status"> & { apiKeyId?: string | null };

/** What a change of a hold did to the wallet. Amounts in micro-credits. */
export interface HoldResult {
  holdId: string;
  /** The posting's place in the wallet's history. */
  sequence: bigint;
  availableMicro: bigint;
  heldMicro: bigint;
  replayed: boolean;
}

/** In whose name credits are reserved. */
interface HoldSpender {
  /** The person's id. */
  id: string;
  name: string;
  /** What they are meant to be used on; null: not said. */
  model: string | null;
}

/** Hands a hold to the transaction that places it. */
export class HoldAttachment {
  readonly organizationId: string;
  readonly apiKeyId: string | null;
  readonly holdId: string;
  /** In whose name; null: nobody's. */
  readonly spender: HoldSpender | null;
  /** The most that can be settled, in micro-credits. */
  readonly reservedMicro: bigint;

  constructor({ organizationId, apiKeyId = null }: Holder, order: HoldOrder) {
    this.organizationId = organizationId;
    this.apiKeyId = apiKeyId;
    this.holdId = idOfKey(order.idempotencyKey);
    this.spender = order.spender ?? null;
    this.reservedMicro = order.amountMicro + order.toleranceMicro;
  }
}

/** Hands the end of a hold to the transaction that ends it. */
export class HoldEndAttachment {
  readonly organizationId: string;
  readonly apiKeyId: string | null;

  constructor({ organizationId, apiKeyId = null }: Holder) {
    this.organizationId = organizationId;
    this.apiKeyId = apiKeyId;
  }
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
  /** For nobody, when left out. Who may be named, and whether they may spend, is the caller's to ask. */
  spender?: HoldSpender & {
    /** As they were named: a part of what makes two orders the same. */
    named: string;
  };
}

/**
 * Reserves credits: they stay in the balance and cannot be spent otherwise until the hold is settled, released or expires. A retry is
 * answered with the first result, also when the organization has become inactive since.
 * @throws organization_inactive, invalid_input (a tolerance above the amount), insufficient_balance, idempotency_conflict, overloaded,
 * invalid_api_key (revoked meanwhile)
 */
export async function reserveCredits(services: HoldServices, holder: Holder, order: HoldOrder): Promise<HoldResult> {
  const { amountMicro, description, ttlSeconds, toleranceMicro, idempotencyKey, spender } = order;
  const { organizationId, status } = holder;
  const refusal = findHoldRefusal({ status, amountMicro, toleranceMicro });
  if (refusal) await refuseUnlessPosted(services, { organizationId, idempotencyKey }, refusal);
  const expiresAt = new Date(services.clock.now().getTime() + ttlSeconds * 1_000);
  const posted = await postToWallet(services, {
    bookId: holder.organizationId,
    kind: "hold",
    amountMicro: -amountMicro,
    description,
    idempotencyKey,
    hold: { expiresAt, toleranceMicro },
    // The end is counted from now, so a retry would name another one: what was asked makes two orders the same.
    fingerprint: JSON.stringify([
      ...[String(amountMicro), description, ttlSeconds, String(toleranceMicro)],
      ...(spender ? [spender.named, spender.model] : []),
    ]),
    attachment: new HoldAttachment(holder, order),
    ...(spender && { attributes: attributesOf(spender) }),
  });
  return toResult(posted.postingId, posted);
}

/**
 * Ends a hold by charging what was used: less, the same, or more up to the hold's tolerance. What is left over is free again.
 * An organization that has become inactive still settles what it reserved while it was active. The history tells for whom the hold
 * was placed.
 * @throws not_found, hold_closed, hold_exceeded, insufficient_balance, idempotency_conflict, overloaded, invalid_api_key
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
    attachment: new HoldEndAttachment(holder),
  });
  return toResult(holdId, posted);
}

/** Ends a hold without a charge. @throws not_found, hold_closed, idempotency_conflict, overloaded, invalid_api_key */
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
    attachment: new HoldEndAttachment(holder),
  });
  return toResult(order.holdId, posted);
}

/** The organization's open holds, the one that expires first first. Amounts are decimal texts of micro-credits. */
export async function listHolds(services: Pick<Services, "db">, organizationId: string) {
  return withOrganization(services.db, organizationId, async (tx) => {
    const holds = await readHolds(tx, organizationId);
    const spenders = await readSpenders(
      tx,
      holds.map(({ holdId }) => holdId),
    );
    return holds.map((hold) => ({
      holdId: hold.holdId,
      amountMicro: String(hold.amountMicro),
      toleranceMicro: String(hold.toleranceMicro),
      expiresAt: hold.expiresAt.toISOString(),
      description: hold.description,
      placedAt: hold.placedAt.toISOString(),
      memberId: spenders.get(hold.holdId)?.id ?? null,
      memberName: spenders.get(hold.holdId)?.name ?? null,
      model: spenders.get(hold.holdId)?.model ?? null,
    }));
  });
}

/** Who of these holds is in somebody's name; the others are left out. */
async function readSpenders(tx: Tx, holdIds: string[]): Promise<Map<string, HoldSpender>> {
  if (holdIds.length === 0) return new Map();
  const rows = await tx.db
    .select({ holdId: holdMembers.holdId, id: holdMembers.memberId, name: users.name, model: holdMembers.model })
    .from(holdMembers)
    .innerJoin(users, eq(users.id, holdMembers.memberId))
    .where(inArray(holdMembers.holdId, holdIds));
  return new Map(rows.map(({ holdId, ...spender }) => [holdId, spender]));
}

function attributesOf({ id, name, model }: HoldSpender): NonNullable<PostingRequest["attributes"]> {
  return { memberId: id, memberName: name, ...(model !== null && { model }) };
}

function toResult(holdId: string, posted: PostingAccepted): HoldResult {
  const { sequence, balanceAfterMicro, heldMicro, outcome } = posted;
  return { holdId, sequence, availableMicro: balanceAfterMicro, heldMicro, replayed: outcome === "replayed" };
}
