import { withOrganization } from "@guildhall/db";
import { hashToUuid, idOfKey } from "@guildhall/ledger";
import { DomainError, isUuid } from "@guildhall/shared";
import type { OrganizationActor, Origin, Services } from "../../trpc/context.ts";
import { decideAdjustment, postToWallet } from "../wallets/index.ts";
import { type PricedUse, type Reversal, ReversalAttachment } from "./usage.events.ts";
import { readReversal, readUses } from "./usage.queries.ts";

/** Who corrects: a person, or a program by its key. */
export type ReversalActor = Pick<OrganizationActor, "organizationId" | "status"> & {
  userId?: string;
  apiKeyId?: string;
  origin?: Origin | undefined;
};

/** What a reversal has come to. */
export interface ReversedUsage {
  /** Of the reversal; also of its refund in the wallet's history. */
  id: string;
  usageId: string;
  /** What came back: exactly what the use had cost. */
  amountMicro: bigint;
  /** What the wallet held after it, in micro-credits. */
  balanceMicro: bigint;
  sequence: bigint;
  /** True when this very request had been carried out before. */
  replayed: boolean;
}

type ReversalServices = Pick<Services, "db" | "ledger">;
type ReversalInput = { usageId: string; reason: string; idempotencyKey: string };

/**
 * Takes back a use that was billed wrongly: refunds exactly what it cost, once, in the transaction that notes it. The use
 * stays in the records, marked as reversed. Idempotent by the key.
 * @throws not_found, already_reversed (names the first), idempotency_conflict, organization_inactive (archived), invalid_input
 * when it cost nothing, overloaded
 */
export async function reverseUsage(
  services: ReversalServices,
  actor: ReversalActor,
  input: ReversalInput,
): Promise<ReversedUsage> {
  const id = idOfKey(input.idempotencyKey);
  const { use, first } = await readState(services, actor.organizationId, input.usageId);
  if (!use) throw new DomainError("not_found", {}, "There is no such use.");
  if (first && first.id !== id) throw alreadyReversed(first);
  if (!first) assertReversible(actor, use);
  try {
    return await refund(services, use, new ReversalAttachment(toReversal(actor, { ...input, id }), actor.origin));
  } catch (error) {
    // Somebody else was faster: the database lets one reversal stand.
    const { first: winner } = isUniqueViolation(error)
      ? await readState(services, actor.organizationId, input.usageId)
      : { first: undefined };
    throw winner ? alreadyReversed(winner) : error;
  }
}

async function readState({ db }: ReversalServices, organizationId: string, usageId: string) {
  if (!isUuid(usageId)) return { use: undefined, first: undefined };
  return withOrganization(db, organizationId, async (tx) => ({
    use: (await readUses(tx, [usageId])).get(usageId),
    first: await readReversal(tx, usageId),
  }));
}

function assertReversible({ status }: ReversalActor, { amountMicro }: PricedUse): void {
  const decision = decideAdjustment(status);
  if (!decision.ok) throw new DomainError(decision.reason, { status }, decision.message);
  if (amountMicro > 0n) return;
  throw new DomainError(
    "invalid_input",
    { usageId: "It cost nothing." },
    "This use cost nothing: there is nothing to give back.",
  );
}

function toReversal(actor: ReversalActor, { usageId, reason, id }: ReversalInput & { id: string }): Reversal {
  const { organizationId, userId = null, apiKeyId = null } = actor;
  return { organizationId, usageId, id, reason, actorId: userId, apiKeyId };
}

async function refund(
  services: ReversalServices,
  use: PricedUse,
  attachment: ReversalAttachment,
): Promise<ReversedUsage> {
  const { organizationId, usageId, id, reason, actorId } = attachment.reversal;
  const posted = await postToWallet(services, {
    bookId: organizationId,
    kind: "refund",
    amountMicro: use.amountMicro,
    description: reason,
    idempotencyKey: id,
    refundOf: idOfKey(usageId),
    // Hashed twice, as what was stored before migration 0033.
    fingerprint: hashToUuid(hashToUuid(JSON.stringify(["reversal", usageId, reason]))),
    attributes: { usageId, agent: use.agent, model: use.model, ...(use.memberId && { memberId: use.memberId }) },
    attachment,
    ...(actorId && { actorId }),
  });
  const { amountMicro, balanceAfterMicro, heldMicro, sequence, outcome } = posted;
  const balanceMicro = balanceAfterMicro + heldMicro;
  return { id, usageId, amountMicro, balanceMicro, sequence, replayed: outcome === "replayed" };
}

function alreadyReversed({ id, createdAt }: { id: string; createdAt: Date }): DomainError {
  const reversedAt = createdAt.toISOString();
  return new DomainError("already_reversed", { reversalId: id, reversedAt });
}

const UNIQUE_VIOLATION = "23505";

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === UNIQUE_VIOLATION;
}
