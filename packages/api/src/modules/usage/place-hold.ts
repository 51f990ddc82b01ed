import { withOrganization } from "@guildhall/db";
import { holdMembers } from "@guildhall/db/schema";
import { idOfKey } from "@guildhall/ledger";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { isWithinAllowance } from "../allowances/index.ts";
import { findSpendRefusal, toSpendError } from "../spend-policy/index.ts";
import { type Holder, type HoldOrder, type HoldResult, reserveCredits } from "../wallets/index.ts";
import { createMemberReads, type UsageMember } from "./member-reads.ts";

type HoldServices = Pick<Services, "ledger" | "db" | "clock">;

/** A hold as a program asks for it. */
export interface NamedHoldOrder extends Omit<HoldOrder, "spender"> {
  /** For whom: the e-mail or the id of a member, or of somebody in an assigned team. For nobody, when left out. */
  member?: string | undefined;
  /** What it is meant to be used on: asked for where the spend policy names models. */
  model?: string | undefined;
}

export type PlaceHold = (holder: Holder, order: NamedHoldOrder) => Promise<HoldResult>;

/**
 * Makes the verb that reserves credits. In somebody's name it asks, in the transaction that reserves, whether they may spend as much
 * as can be settled: by role or team, within the spend policy and the monthly allowance. That counts as spent until the hold ends;
 * then only what was used does. Idempotent by the key: a retry is answered with the first result, whoever has left meanwhile.
 */
export function createPlaceHold(services: HoldServices): PlaceHold {
  const memberReads = createMemberReads(services);

  /**
   * @throws organization_inactive, unknown_member, role_cannot_spend, spend_policy_refused, allowance_exceeded, insufficient_balance,
   * idempotency_conflict, overloaded
   */
  return async function placeHold(holder, { member: named, model = null, ...order }) {
    if (named === undefined) return reserveCredits(services, holder, order);
    const member = await memberReads.read(holder.organizationId, named.toLowerCase());
    const refusal = findRefusal(member, { ...order, named, model: model ?? "" });
    if (!refusal && member) {
      return reserveCredits(services, holder, {
        ...order,
        spender: { id: member.id, name: member.name, named, model },
      });
    }
    const first = await readFirst(services, holder, order.idempotencyKey);
    if (!first) throw refusal;
    return reserveCredits(services, holder, { ...order, spender: { id: first, name: named, named, model } });
  };
}

/** The database decides, under the wallet's lock; this spares it the batches that a refusal would spoil. */
function findRefusal(
  member: UsageMember | undefined,
  { amountMicro, toleranceMicro, named, model }: HoldOrder & { named: string; model: string },
): DomainError | undefined {
  if (!member) return toSpendError("unknown_member", named);
  const mostMicro = amountMicro + toleranceMicro;
  const refusal = findSpendRefusal(member.policy, member.spender, { amountMicro: mostMicro, model });
  if (refusal) return toSpendError(refusal, member.id);
  return isWithinAllowance(member, mostMicro) ? undefined : new DomainError("allowance_exceeded");
}

/** For whom the hold under this key was placed, if it was: such an order is a retry, or another one under a used key. */
async function readFirst({ db }: HoldServices, { organizationId }: Holder, idempotencyKey: string) {
  const [row] = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({ memberId: holdMembers.memberId })
      .from(holdMembers)
      .where(and(eq(holdMembers.organizationId, organizationId), eq(holdMembers.holdId, idOfKey(idempotencyKey)))),
  );
  return row?.memberId;
}
