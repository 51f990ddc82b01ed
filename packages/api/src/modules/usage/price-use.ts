import { hashToUuid, idOfKey } from "@guildhall/ledger";
import { DomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { isWithinAllowance } from "../allowances/index.ts";
import type { ApiKeyActor } from "../api-keys/index.ts";
import { createMemberReads, type UsageMember } from "./member-reads.ts";
import { createPriceList } from "./price-list.ts";
import { computeCost } from "./price-policy.ts";
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

/** A use with what it costs, and for whom it was. */
export interface PricedReport {
  use: PricedUse;
  member: UsageMember | undefined;
}

export type PriceUse = (actor: UsageActor, reported: ReportedUsage, identity: UseIdentity) => Promise<PricedReport>;

/** The report as it was sent makes two requests the same; what is computed from it may come out differently later. */
export function identifyUse({ organizationId }: UsageActor, reported: ReportedUsage): UseIdentity {
  const { agent, member = null, model, inputTokens, outputTokens, occurredAt = null, idempotencyKey } = reported;
  const content = JSON.stringify([agent, member, model, inputTokens, outputTokens, occurredAt]);
  return { organizationId, id: idOfKey(idempotencyKey), fingerprint: hashToUuid(content) };
}

/** Makes the step from a report to what it costs. Reports that are priced at the same time share their look-ups. */
export function createPricing({ db, clock }: Pick<Services, "db" | "clock">): PriceUse {
  const priceOf = createPriceList({ db, clock });
  const memberReads = createMemberReads({ db, clock });

  /** @throws organization_inactive, invalid_input, unknown_model, unknown_member, allowance_exceeded, overloaded */
  return async function priceUse(actor, reported, identity) {
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
    // The database decides, under the wallet's lock; this spares it the batches that one who is at the limit would spoil.
    if (member && !isWithinAllowance(member, amountMicro)) throw new DomainError("allowance_exceeded");
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
