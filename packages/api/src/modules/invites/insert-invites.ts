import { type Role, rolesWith } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { inviteLinks, invites, users } from "@guildhall/db/schema";
import { DomainError, newId } from "@guildhall/shared";
import { and, count, eq, gt, inArray, isNotNull, lte, sql } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { assertNotTooOften, isOpen, readStandings } from "./address-standings.ts";
import { INVITE_COUNT_WINDOW_MS, INVITE_TTL_MS, INVITES_PER_DAY } from "./invite-policy.ts";
import { type IssuedInvite, issueLinks } from "./issue-links.ts";

/** How many invites the organization may still send now. */
export async function readRoomForInvites(tx: Tx, now: Date): Promise<number> {
  const since = new Date(now.getTime() - INVITE_COUNT_WINDOW_MS);
  const [sent] = await tx.db
    .select({ count: count() })
    .from(inviteLinks)
    .where(and(eq(inviteLinks.organizationId, tx.organizationId), gt(inviteLinks.issuedAt, since)));
  return Math.max(0, INVITES_PER_DAY - (sent?.count ?? 0));
}

/** @throws invite_limit, saying how many are left */
export async function assertRoomForInvites(tx: Tx, wanted: number, now: Date): Promise<void> {
  const left = await readRoomForInvites(tx, now);
  if (wanted > left) throw new DomainError("invite_limit", { limit: INVITES_PER_DAY, left }, limitMessage(left));
}

function limitMessage(left: number): string {
  const limit = `An organization can send ${INVITES_PER_DAY.toLocaleString("en-US")} invites a day.`;
  if (left === 0) return `${limit} They are used up; try again tomorrow.`;
  return `${limit} There ${left === 1 ? "is 1" : `are ${left.toLocaleString("en-US")}`} left now: send fewer at once.`;
}

interface NewInvites {
  actor: OrganizationActor;
  organizationName: string;
  people: { email: string; role: Role }[];
}

/**
 * Writes and sends invites to addresses that are free and roles that the actor may give: both were looked at, under the
 * organization's lock. An expired invite to the same address makes room and stays in the list as what it is.
 * @throws invite_limit, too_many_attempts
 */
export async function insertInvites(
  tx: Tx,
  services: Services,
  { actor, organizationName, people }: NewInvites,
): Promise<IssuedInvite[]> {
  const sentAt = services.clock.now();
  const expiresAt = new Date(sentAt.getTime() + INVITE_TTL_MS);
  await assertRoomForInvites(tx, people.length, sentAt);
  if (people.length === 0) return [];
  const emails = people.map(({ email }) => email);
  await assertNotTooOften(tx, emails, sentAt);
  await makeRoom(tx, services, { actor, emails, now: sentAt });
  const sendings = people.map((person) => ({
    ...person,
    ...{ inviteId: newId(sentAt.getTime()), generation: 1, sentAt, expiresAt },
  }));
  await tx.db.insert(invites).values(
    sendings.map(({ inviteId, email, role }) => ({
      ...{ organizationId: tx.organizationId, id: inviteId, email, role, invitedBy: actor.userId },
      ...{ createdAt: sentAt, sentAt, expiresAt },
    })),
  );
  const issued = await issueLinks(tx, services, { sender: { actor, organizationName }, sendings });
  for (const { inviteId, email, role } of sendings) {
    const times = { createdAt: sentAt.toISOString(), sentAt: sentAt.toISOString(), expiresAt: expiresAt.toISOString() };
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("invites.manage"),
      event: { type: "invite.created", payload: { inviteId, email, role, invitedByName: actor.name, ...times } },
    });
    recordAudit(tx, services, {
      actor,
      action: "invite.created",
      subject: { kind: "invite", id: inviteId, label: email },
      after: { role, expiresAt },
    });
  }
  await wakeInvited(tx, services, emails);
  return issued;
}

/** Ends the invites that a new one to the same address takes the place of: expired ones, and those that are not valid any more. */
async function makeRoom(
  tx: Tx,
  services: Services,
  { actor, emails, now }: { actor: OrganizationActor; emails: string[]; now: Date },
): Promise<void> {
  await tx.db
    .update(invites)
    .set({ revokedAt: sql`${invites.expiresAt}` })
    .where(and(isOpen(tx, emails), lte(invites.expiresAt, now)));
  const voided = [...(await readStandings(tx, emails, { now })).voided.values()];
  if (voided.length === 0) return;
  const ids = voided.map(({ inviteId }) => inviteId);
  await tx.db
    .update(invites)
    .set({ revokedAt: now })
    .where(and(eq(invites.organizationId, tx.organizationId), inArray(invites.id, ids)));
  for (const { inviteId, email, role, invitedBy } of voided) {
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("invites.manage"),
      event: { type: "invite.revoked", payload: { inviteId } },
    });
    recordAudit(tx, services, {
      actor,
      action: "invite.revoked",
      subject: { kind: "invite", id: inviteId, label: email },
      before: { role, invitedBy },
    });
  }
}

/** After the commit, tells people who have proved one of these addresses that their list of invitations looks different. */
export async function wakeInvited(tx: Tx, services: Services, emails: string[]): Promise<void> {
  const people = await tx.db
    .select({ id: users.id })
    .from(users)
    .where(and(inArray(users.email, emails), isNotNull(users.emailVerifiedAt)));
  tx.afterCommit(() => {
    for (const { id } of people) services.bus.touchPerson(id);
  });
}
