import { withOrganization } from "@guildhall/db";
import { hashToUuid, idOfKey, type PostingRequest, readBalance } from "@guildhall/ledger";
import { DomainError, type DomainErrorCode, isDomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import type { ApiKeyActor } from "../api-keys/index.ts";
import { postToWallet } from "../wallets/index.ts";
import { createMemberReads, type UsageMember } from "./member-reads.ts";
import { createPriceList } from "./price-list.ts";
import { computeCost } from "./price-policy.ts";
import { insertUses, type PricedUse, UseAttachment } from "./usage.events.ts";
import { readUse } from "./usage.queries.ts";
import type { ReportedUsage } from "./usage-input.ts";
import { decideUse } from "./usage-policy.ts";

type UsageServices = Pick<Services, "db" | "clock" | "ledger">;
export type UsageActor = Pick<ApiKeyActor, "organizationId" | "status"> & { apiKeyId: string | null };

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

export type RecordUsage = (actor: UsageActor, reported: ReportedUsage) => Promise<RecordedUsage>;

/**
 * Makes the verb that bills one use: its cost is computed from the price list and debited in the transaction that records
 * it (S2.18). Idempotent by the key: the same report is answered with the first result, even when the price has changed,
 * the member has left or the organization has become inactive since.
 */
export function createRecordUsage(services: UsageServices): RecordUsage {
  const priceUse = createPricing(services);

  /** @throws organization_inactive, unknown_model, unknown_member, insufficient_balance, idempotency_conflict, overloaded */
  return async function recordUsage(actor, reported) {
    const identity = identify(actor, reported);
    try {
      const { use, member } = await priceUse(actor, reported, identity);
      const recorded = use.amountMicro === 0n ? await recordFree(services, use) : await charge(services, use, member);
      return recorded ?? (await repeatFirst(services, identity, new DomainError("idempotency_conflict")));
    } catch (error) {
      if (!canHideFirst(error)) throw error;
      return repeatFirst(services, identity, error);
    }
  };
}

interface Identity {
  organizationId: string;
  id: string;
  fingerprint: string;
}

/** The report as it was sent makes two requests the same; what is computed from it may come out differently later. */
function identify({ organizationId }: UsageActor, reported: ReportedUsage): Identity {
  const { agent, member = null, model, inputTokens, outputTokens, occurredAt = null, idempotencyKey } = reported;
  const content = JSON.stringify([agent, member, model, inputTokens, outputTokens, occurredAt]);
  return { organizationId, id: idOfKey(idempotencyKey), fingerprint: hashToUuid(content) };
}

function createPricing({ db, clock }: UsageServices) {
  const priceOf = createPriceList({ db, clock });
  const memberReads = createMemberReads(db);

  return async function priceUse(actor: UsageActor, reported: ReportedUsage, identity: Identity) {
    const { agent, model } = reported;
    const now = clock.now();
    const occurredAt = reported.occurredAt === undefined ? now : new Date(reported.occurredAt);
    const decision = decideUse({ status: actor.status, occurredAt, now });
    if (!decision.ok) throw new DomainError(decision.reason, decision.details, decision.message);
    const price = await priceOf(model, occurredAt);
    if (!price) throw new DomainError("unknown_model", { model }, `There is no price for the model "${model}".`);
    const member = reported.member === undefined ? undefined : await findMember(actor.organizationId, reported.member);
    const used = { inputTokens: BigInt(reported.inputTokens), outputTokens: BigInt(reported.outputTokens) };
    const amountMicro = computeCost(price, used);
    const { apiKeyId } = actor;
    const memberId = member?.id ?? null;
    const use: PricedUse = { ...identity, ...used, occurredAt, agent, memberId, model, amountMicro, apiKeyId };
    return { use, member };
  };

  async function findMember(organizationId: string, named: string): Promise<UsageMember> {
    const member = await memberReads.read(organizationId, named.toLowerCase());
    if (member) return member;
    throw new DomainError("unknown_member", { member: named }, `"${named}" is no member of this organization.`);
  }
}

/** Charges a use and records it. Undefined when it was charged before: then the first result holds, not this price. */
async function charge(
  services: UsageServices,
  use: PricedUse,
  member?: UsageMember,
): Promise<RecordedUsage | undefined> {
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
  if (posted.outcome === "replayed") return undefined;
  const { balanceAfterMicro, heldMicro, sequence } = posted;
  const balanceMicro = balanceAfterMicro + heldMicro;
  return { id: use.id, amountMicro: use.amountMicro, balanceMicro, sequence, replayed: false };
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

/** Records what costs nothing: no posting, for there is no amount. Undefined when it was recorded before. */
async function recordFree({ db, clock }: UsageServices, use: PricedUse): Promise<RecordedUsage | undefined> {
  return withOrganization(db, use.organizationId, async (tx) => {
    if (await readUse(tx, use.id)) return undefined;
    await insertUses(tx.sql, [use], clock.now());
    const { balanceMicro } = await readBalance(tx, use.organizationId);
    return { id: use.id, amountMicro: 0n, balanceMicro, sequence: null, replayed: false };
  });
}

/**
 * Answers with what the key has done before, if that was the same report. `otherwise` is thrown when it has done nothing.
 * @throws idempotency_conflict
 */
async function repeatFirst(services: UsageServices, identity: Identity, otherwise: unknown): Promise<RecordedUsage> {
  const { organizationId, id, fingerprint } = identity;
  const { first, balance } = await withOrganization(services.db, organizationId, async (tx) => ({
    first: await readUse(tx, id),
    balance: await readBalance(tx, organizationId),
  }));
  if (!first) throw otherwise;
  if (first.fingerprint !== fingerprint) throw new DomainError("idempotency_conflict");
  const { amountMicro } = first;
  if (amountMicro === 0n)
    return { id, amountMicro, balanceMicro: balance.balanceMicro, sequence: null, replayed: true };
  // The ledger knows the key, so it only tells what the posting did to the wallet.
  const { balanceAfterMicro, heldMicro, sequence } = await postToWallet(services, toPosting(first));
  return { id, amountMicro, balanceMicro: balanceAfterMicro + heldMicro, sequence, replayed: true };
}

const REFUSALS_THAT_COME_LATER: readonly DomainErrorCode[] = [
  "organization_inactive",
  "unknown_model",
  "unknown_member",
];
const UNIQUE_VIOLATION = "23505";

/**
 * Says whether an error may stand before a result that exists: what is refused now may have been accepted then, and a use
 * that was free then collides with its own record when it has a price now.
 */
function canHideFirst(error: unknown): boolean {
  if (isDomainError(error)) return REFUSALS_THAT_COME_LATER.includes(error.code);
  return error instanceof Error && "code" in error && error.code === UNIQUE_VIOLATION;
}
