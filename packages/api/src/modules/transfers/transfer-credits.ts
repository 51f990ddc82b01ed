import { can } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { ensurePersonalWallet } from "../personal-wallet/index.ts";
import { type AdjustedBalance, AuditedPosting, postToWallet, toAdjustedBalance } from "../wallets/index.ts";

export interface Transfer {
  /** Another organization in which the actor may adjust the wallet, or a member's personal wallet. */
  to: { organization: OrganizationActor } | { memberId: string };
  amountMicro: bigint;
  reason: string;
  idempotencyKey: string;
}

/**
 * Passes credits from the organization's wallet to another one of the same credit type: both halves are one posting each, in
 * one transaction, lots and all. Idempotent by the key.
 * @throws forbidden, not_found, organization_inactive, insufficient_balance, idempotency_conflict, invalid_input (other type)
 */
export async function transferCredits(
  services: Services,
  actor: OrganizationActor,
  transfer: Transfer,
): Promise<AdjustedBalance> {
  if (actor.status !== "active") throw new DomainError("organization_inactive", { status: actor.status });
  const toBookId = await findReceiver(services, actor, transfer.to);
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

async function findReceiver(services: Services, actor: OrganizationActor, to: Transfer["to"]): Promise<string> {
  if ("organization" in to) {
    const { organizationId, role, status } = to.organization;
    if (!can(role, "wallet.adjust")) throw new DomainError("forbidden", { role, permission: "wallet.adjust" });
    if (status !== "active") throw new DomainError("organization_inactive", { status });
    return organizationId;
  }
  const isMember = await withOrganization(services.db, actor.organizationId, (tx) => readRole(tx, to.memberId));
  if (!isMember) throw new DomainError("not_found");
  await ensurePersonalWallet(services.db, to.memberId);
  return to.memberId;
}
