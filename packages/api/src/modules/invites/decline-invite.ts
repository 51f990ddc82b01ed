import { rolesWith } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { invites, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { CallingUser, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { inviteGone } from "./admit-invited.ts";
import { findByToken, type Invite, isInvite, parseInviteToken } from "./find-invite.ts";
import { stateOf } from "./invite-policy.ts";

/**
 * Says no to an invite, by its link and signed in with its address. Twice is the same as once. Locks the organization.
 * @throws not_found, invite_gone, invite_for_other
 */
export async function declineInvite(services: Services, user: CallingUser, input: { token: string }): Promise<void> {
  const token = parseInviteToken(input.token);
  await withOrganization(services.db, token.organizationId, async (tx) => {
    await lockOrganization(tx);
    const { invite, isReplaced } = await findByToken(tx, token);
    if (isReplaced) throw inviteGone("replaced");
    await closeAsDeclined(tx, services, { invite, user });
  });
}

/** Marks an invite as declined by the person whom it is for. Under the organization's lock. */
export async function closeAsDeclined(
  tx: Tx,
  services: Services,
  { invite, user }: { invite: Invite; user: CallingUser },
): Promise<void> {
  const [person] = await tx.db.select({ email: users.email }).from(users).where(eq(users.id, user.id));
  if (person?.email !== invite.email) throw new DomainError("invite_for_other");
  const now = services.clock.now();
  const state = stateOf(invite, now);
  if (state === "declined") return;
  if (state !== "pending") throw inviteGone(state);
  await tx.db.update(invites).set({ declinedAt: now }).where(isInvite(tx, invite.id));
  announce(tx, services, {
    actorId: user.id,
    audience: rolesWith("invites.manage"),
    event: { type: "invite.declined", payload: { inviteId: invite.id } },
  });
  recordAudit(tx, services, {
    actor: { userId: user.id, origin: user.origin },
    action: "invite.declined",
    subject: { kind: "invite", id: invite.id, label: invite.email },
  });
  tx.afterCommit(() => services.bus.touchPerson(user.id));
}
