import { rolesWith } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { invites } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { assertWritable, lockOrganization } from "../organizations/index.ts";
import { assertNotTooOften, readStandings } from "./address-standings.ts";
import { readInviteAs } from "./authorize-inviter.ts";
import { type Invite, isInvite } from "./find-invite.ts";
import { assertRoomForInvites, wakeInvited } from "./insert-invites.ts";
import { INVITE_TTL_MS, type InviteState, stateOf } from "./invite-policy.ts";
import { type IssuedInvite, issueLinks } from "./issue-links.ts";

/**
 * Sends an invite again: new links, seven days from now, and the old links die. It stands on the right of whoever sent it
 * last, so one whose inviter lost theirs is taken over by sending it again. An expired one comes back, a closed one does not.
 * Locks the organization.
 * @throws not_found, forbidden, role_above_own, invite_gone, already_member, invite_limit, too_many_attempts
 */
export async function resendInvite(
  services: Services,
  actor: OrganizationActor,
  input: { inviteId: string },
): Promise<IssuedInvite> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const { name: organizationName, status } = await lockOrganization(tx);
    assertWritable({ status });
    const invite = await readInviteAs(tx, actor, input.inviteId);
    const sentAt = services.clock.now();
    await assertSendable(tx, invite, sentAt);
    const expiresAt = new Date(sentAt.getTime() + INVITE_TTL_MS);
    const generation = invite.generation + 1;
    await tx.db
      .update(invites)
      .set({ generation, sentAt, expiresAt, invitedBy: actor.userId, inviterLostAt: null })
      .where(isInvite(tx, invite.id));
    const sending = { inviteId: invite.id, email: invite.email, role: invite.role, generation, sentAt, expiresAt };
    const [issued] = await issueLinks(tx, services, { sender: { actor, organizationName }, sendings: [sending] });
    const times = { sentAt: sentAt.toISOString(), expiresAt: expiresAt.toISOString() };
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("invites.manage"),
      event: { type: "invite.resent", payload: { inviteId: invite.id, invitedByName: actor.name, ...times } },
    });
    recordAudit(tx, services, {
      actor,
      action: "invite.resent",
      subject: { kind: "invite", id: invite.id, label: invite.email },
      before: { expiresAt: invite.expiresAt, invitedBy: invite.invitedBy },
      after: { expiresAt, invitedBy: actor.userId },
    });
    await wakeInvited(tx, services, [invite.email]);
    return issued as IssuedInvite;
  });
}

async function assertSendable(tx: Tx, invite: Invite, now: Date): Promise<void> {
  const state = stateOf(invite, now);
  if (state === "accepted" || state === "declined" || state === "revoked")
    throw new DomainError("invite_gone", { reason: state }, closedMessages[state]);
  if (invite.revokedAt) throw new DomainError("already_invited", {}, "There is a newer invite for this address.");
  if ((await readStandings(tx, [invite.email], { now })).standings.get(invite.email) === "already_member")
    throw new DomainError("already_member");
  await assertNotTooOften(tx, [invite.email], now);
  await assertRoomForInvites(tx, 1, now);
}

const closedMessages: Record<Exclude<InviteState, "pending" | "expired">, string> = {
  accepted: "This invite was accepted: the person is a member already.",
  declined: "This invite was declined. Invite the address again to ask once more.",
  revoked: "A revoked invite stays revoked. Invite the address again.",
};
