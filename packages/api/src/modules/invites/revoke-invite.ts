import { rolesWith } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { invites } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { readInviteAs } from "./authorize-inviter.ts";
import { isInvite } from "./find-invite.ts";
import { wakeInvited } from "./insert-invites.ts";
import { type InviteState, stateOf } from "./invite-policy.ts";

/**
 * Takes an invite back for good: its links die. Only who could give its role takes it back. Revoking twice is the same as
 * once. Locks the organization.
 * @throws not_found, forbidden, role_above_own, invite_gone (accepted, declined or expired: there is nothing left to take back)
 */
export async function revokeInvite(
  services: Services,
  actor: OrganizationActor,
  input: { inviteId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganization(tx);
    const invite = await readInviteAs(tx, actor, input.inviteId);
    const now = services.clock.now();
    const state = stateOf(invite, now);
    if (state === "revoked") return;
    if (state !== "pending") throw new DomainError("invite_gone", { reason: state }, nothingLeft[state]);
    await tx.db.update(invites).set({ revokedAt: now }).where(isInvite(tx, invite.id));
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("invites.manage"),
      event: { type: "invite.revoked", payload: { inviteId: invite.id } },
    });
    recordAudit(tx, services, {
      actor,
      action: "invite.revoked",
      subject: { kind: "invite", id: invite.id, label: invite.email },
      before: { role: invite.role },
    });
    await wakeInvited(tx, services, [invite.email]);
  });
}

const nothingLeft: Record<Exclude<InviteState, "pending" | "revoked">, string> = {
  accepted: "This invite was accepted already: the person is a member. Remove the member instead.",
  declined: "This invite was declined already.",
  expired: "This invite has expired already: its link does not work any more.",
};
