import { can } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { ensurePersonalWallet } from "../personal-wallet/index.ts";
import {
  type AdjustedBalance,
  AuditedPosting,
  postToWallet,
  refuseUnlessPosted,
  toAdjustedBalance,
} from "../wallets/index.ts";

export interface Transfer {
  /** Another organization in which the actor may adjust the wallet, or a member's personal wallet. */
  to: { organization: OrganizationActor } | { memberId: string };
  amountMicro: bigint;
  reason: string;
  idempotencyKey: string;
}

/**
 * Passes credits from the organization's wallet to another one of the same credit type: both halves are one posting each, in
 * one transaction, lots and all. Idempotent by the key: a retry is answered with the first result, also when one of the two may not
 * give or receive any more.
 * @throws forbidden, not_found, organization_inactive, insufficient_balance, idempotency_conflict, invalid_input (other type)
 */
export async function transferCredits(
  services: Services,
  actor: OrganizationActor,
  transfer: Transfer,
): Promise<AdjustedBalance> {
  const toBookId = bookOf(transfer.to);
  const refusal = await findRefusal(services, actor, transfer.to);
  if (refusal) await refuseUnlessPosted(services, { ...actor, idempotencyKey: transfer.idempotencyKey }, refusal);
  else if ("memberId" in transfer.to) await ensurePersonalWallet(services.db, toBookId);
  const posted = await postToWallet(services, {
    bookId: actor.organizationId,
    toBookId,
    kind: "transfer",
    amountMicro: -transfer.amountMicro,
    description: transfer.reason,
    idempotencyKey: transfer.idempotencyKey,
    actorId: actor.userId,
    attachment: new AuditedPosting({ actor, action: "credits.transferred", ...describeReceiver(actor, transfer.to) }),
  });
  return toAdjustedBalance(posted);
}

function describeReceiver(actor: OrganizationActor, to: Transfer["to"]) {
  if ("memberId" in to) return { details: { toMember: to.memberId } };
  return { details: { to: to.organization.slug }, giver: actor.slug };
}

function bookOf(to: Transfer["to"]): string {
  return "memberId" in to ? to.memberId : to.organization.organizationId;
}

/** @throws forbidden, for whoever may not adjust the receiving wallet: that is no matter of when it was asked */
async function findRefusal(
  services: Services,
  { organizationId, status }: OrganizationActor,
  to: Transfer["to"],
): Promise<DomainError | undefined> {
  if (status !== "active") return new DomainError("organization_inactive", { status });
  if ("organization" in to) {
    const { role, status } = to.organization;
    if (!can(role, "wallet.adjust")) throw new DomainError("forbidden", { role, permission: "wallet.adjust" });
    return status === "active" ? undefined : new DomainError("organization_inactive", { status });
  }
  const isMember = await withOrganization(services.db, organizationId, (tx) => readRole(tx, to.memberId));
  return isMember ? undefined : new DomainError("not_found");
}
