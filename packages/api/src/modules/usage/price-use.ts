import { hashToUuid, idOfKey } from "@guildhall/ledger";
import { DomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { isWithinAllowance } from "../allowances/index.ts";
import type { ApiKeyActor } from "../api-keys/index.ts";
import { findSpendRefusal, toSpendError } from "../spend-policy/index.ts";
import { createMemberReads, type UsageMember } from "./member-reads.ts";
import { createPriceList } from "./price-list.ts";
import { computeCost, type ModelPrice } from "./price-policy.ts";
import type { PricedUse } from "./usage.events.ts";
import type { ReportedUsage } from "./usage-input.ts";
import { decideUse } from "./usage-policy.ts";

export type UsageActor = Pick<ApiKeyActor, "organizationId" | "status"> & { apiKeyId: string | null };

/** What makes two reports the same, whatever has changed between them. */
export interface UseIdentity {
  organizationId: string;
  id: string;
  fingerprint: string;
}

/** A report on its way to a price: who reports it, and when. */
export interface UseToPrice {
  actor: UsageActor;
  reported: ReportedUsage;
  identity: UseIdentity;
  now: Date;
}

/** A use with what it costs, and for whom it was. */
export interface PricedReport {
  use: PricedUse;
  member: UsageMember | undefined;
}

/** At once where nothing has to be read: the price is known and no member named. */
export type PriceUse = (asked: UseToPrice) => PricedReport | Promise<PricedReport>;

/** The report as it was sent makes two requests the same; what is computed from it may come out differently later. */
export function identifyUse({ organizationId }: UsageActor, reported: ReportedUsage): UseIdentity {
  const { agent, member = null, model, inputTokens, outputTokens, occurredAt = null, idempotencyKey } = reported;
  const content = JSON.stringify([agent, member, model, inputTokens, outputTokens, occurredAt]);
  return { organizationId, id: idOfKey(idempotencyKey), fingerprint: hashToUuid(content) };
}

/**
 * Makes the step from a report to what it costs. Reports that are priced at the same time share their look-ups.
 * It throws, or rejects with, organization_inactive, invalid_input, unknown_model, unknown_member, allowance_exceeded, overloaded.
 */
export function createPricing({ db, clock }: Pick<Services, "db" | "clock">): PriceUse {
  const priceOf = createPriceList({ db, clock });
  const memberReads = createMemberReads({ db, clock });

  return function priceUse(asked) {
    const { actor, reported, now } = asked;
    const occurredAt = reported.occurredAt === undefined ? now : new Date(reported.occurredAt);
    const decision = decideUse({ status: actor.status, occurredAt, now });
    if (!decision.ok) throw new DomainError(decision.reason, decision.details, decision.message);
    const price = priceOf({ model: reported.model, at: occurredAt, now });
    if (reported.member === undefined && price !== undefined && !(price instanceof Promise)) {
      return { use: toPricedUse(asked, { price, occurredAt, memberId: null }), member: undefined };
    }
    return priceWithReads(asked, { price, occurredAt });
  };

  async function priceWithReads(
    asked: UseToPrice,
    found: { price: ReturnType<typeof priceOf>; occurredAt: Date },
  ): Promise<PricedReport> {
    const { actor, reported } = asked;
    const { model } = reported;
    const price = await found.price;
    if (!price) throw new DomainError("unknown_model", { model }, `There is no price for the model "${model}".`);
    const member = reported.member === undefined ? undefined : await findMember(actor.organizationId, reported.member);
    const use = toPricedUse(asked, { price, occurredAt: found.occurredAt, memberId: member?.id ?? null });
    // The database decides, under the wallet's lock; this spares it the batches that one who is at the limit would spoil.
    const refusal = member && findSpendRefusal(member.policy, member.spender, use);
    if (refusal) throw toSpendError(refusal, member.id);
    if (member && !isWithinAllowance(member, use.amountMicro)) throw new DomainError("allowance_exceeded");
    return { use, member };
  }

  async function findMember(organizationId: string, named: string): Promise<UsageMember> {
    const member = await memberReads.read(organizationId, named.toLowerCase());
    if (member) return member;
    throw toSpendError("unknown_member", named);
  }
}

/** Field by field and not by spreading: this is done for every use. */
function toPricedUse(
  { actor, reported, identity }: UseToPrice,
  { price, occurredAt, memberId }: { price: ModelPrice; occurredAt: Date; memberId: string | null },
): PricedUse {
  const inputTokens = BigInt(reported.inputTokens);
  const outputTokens = BigInt(reported.outputTokens);
  return {
    organizationId: identity.organizationId,
    id: identity.id,
    fingerprint: identity.fingerprint,
    occurredAt,
    agent: reported.agent,
    memberId,
    model: reported.model,
    inputTokens,
    outputTokens,
    amountMicro: computeCost(price, { inputTokens, outputTokens }),
    apiKeyId: actor.apiKeyId,
  };
}
