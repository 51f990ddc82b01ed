import { rolesWith } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { invites, type organizations, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit, recordPersonAudit } from "../../record-audit.ts";
import type { CallingUser, Services } from "../../trpc/context.ts";
import { addMember, readRole } from "../members/index.ts";
import { isInvite, type OpenedInvite } from "./find-invite.ts";
import { findGoneReason, type GoneReason, goneMessages } from "./invite-policy.ts";

interface Arrival {
  /** As it was locked: everything is decided under that lock. */
  organization: typeof organizations.$inferSelect;
  opened: OpenedInvite;
  user: Pick<CallingUser, "id" | "origin">;
}

/**
 * Lets a person in by an invite, once, under the organization's lock. Their address is read under a lock of its own, so that
 * it cannot be changed in the same instant. Who comes by the mailed link has proved the address: it counts as verified.
 * Accepting again is answered like the first time while the membership lasts.
 * @throws invite_gone (with the reason), invite_for_other
 */
export async function admitInvited(
  tx: Tx,
  services: Services,
  { organization, opened, user }: Arrival,
): Promise<{ slug: string }> {
  const { invite } = opened;
  const { slug } = organization;
  const { id: userId, origin } = user;
  if (invite.acceptedBy === userId && (await readRole(tx, userId))) return { slug };
  await assertAcceptable(tx, services, { organization, opened });
  const person = await lockPerson(tx, userId);
  if (person?.email !== invite.email) throw new DomainError("invite_for_other");
  const now = services.clock.now();
  await tx.db.update(invites).set({ acceptedAt: now, acceptedBy: userId }).where(isInvite(tx, invite.id));
  const isProvedNow = opened.isMailedLink && !person.emailVerifiedAt;
  if (isProvedNow) {
    await tx.db
      .update(users)
      .set({ emailVerifiedAt: now })
      .where(and(eq(users.id, userId), eq(users.email, invite.email)));
  }
  await addMember(tx, services, { user: person, role: invite.role, actorId: userId, origin });
  announce(tx, services, {
    actorId: userId,
    audience: rolesWith("invites.manage"),
    event: { type: "invite.accepted", payload: { inviteId: invite.id, userId } },
  });
  recordAudit(tx, services, {
    actor: { userId, origin },
    action: "invite.accepted",
    subject: { kind: "invite", id: invite.id, label: invite.email },
    after: { role: invite.role, byMailedLink: opened.isMailedLink },
  });
  // After the organization's records: its chain is locked before the person's, as everywhere.
  if (isProvedNow) {
    const { email } = invite;
    recordPersonAudit(tx, services, { userId, origin, action: "account.email_verified", after: { email } });
  }
  tx.afterCommit(() => services.bus.touchPerson(userId));
  return { slug };
}

/** @throws invite_gone when nobody could accept it now; the reason is among its details */
export async function assertAcceptable(
  tx: Tx,
  services: Services,
  { organization, opened }: Omit<Arrival, "user">,
): Promise<void> {
  const { invite, isReplaced } = opened;
  const reason = findGoneReason(invite, {
    ...{ now: services.clock.now(), isReplaced, organizationStatus: organization.status },
    inviterRole: await readRole(tx, invite.invitedBy),
  });
  if (reason) throw inviteGone(reason);
}

/** The refusal of a link or an invitation that leads nowhere any more. */
export function inviteGone(reason: GoneReason): DomainError {
  return new DomainError("invite_gone", { reason }, goneMessages[reason]);
}

async function lockPerson(tx: Tx, userId: string) {
  const { id, name, email, emailVerifiedAt } = users;
  const [person] = await tx.db
    .select({ id, name, email, emailVerifiedAt })
    .from(users)
    .where(eq(users.id, userId))
    .for("no key update");
  return person;
}
