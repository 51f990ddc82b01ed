import { type Role, rolesWith } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { inviteLinks, invites, members, users } from "@guildhall/db/schema";
import { DomainError, newId } from "@guildhall/shared";
import { and, count, eq, gt, gte, inArray, isNotNull, isNull, lte, sql } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import {
  INVITE_COUNT_WINDOW_MS,
  INVITE_TTL_MS,
  INVITES_PER_DAY,
  SENDING_WINDOW_MS,
  SENDINGS_PER_HOUR,
} from "./invite-policy.ts";
import { type IssuedInvite, issueLinks } from "./issue-links.ts";

/** Why an address gets no invite. */
export type AddressStanding = "already_member" | "already_invited";

/** What stands against inviting each of these addresses; an address without an entry is free. */
export async function readStandings(tx: Tx, emails: string[], now: Date): Promise<Map<string, AddressStanding>> {
  if (emails.length === 0) return new Map();
  const invited = await tx.db
    .select({ email: invites.email })
    .from(invites)
    .where(and(isOpen(tx, emails), gt(invites.expiresAt, now)));
  const joined = await tx.db
    .select({ email: users.email })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, tx.organizationId), inArray(users.email, emails)));
  return new Map([
    ...invited.map(({ email }) => [email, "already_invited"] as const),
    ...joined.map(({ email }) => [email, "already_member"] as const),
  ]);
}

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

/** Counts what was sent to each address lately, by whichever invites. @throws too_many_attempts, naming the addresses */
export async function assertNotTooOften(tx: Tx, emails: string[], now: Date): Promise<void> {
  const since = new Date(now.getTime() - SENDING_WINDOW_MS);
  const flooded = await tx.db
    .select({ email: invites.email })
    .from(inviteLinks)
    .innerJoin(
      invites,
      and(eq(invites.organizationId, inviteLinks.organizationId), eq(invites.id, inviteLinks.inviteId)),
    )
    .where(
      and(
        eq(inviteLinks.organizationId, tx.organizationId),
        gt(inviteLinks.issuedAt, since),
        inArray(invites.email, emails),
      ),
    )
    .groupBy(invites.email)
    .having(gte(count(), SENDINGS_PER_HOUR));
  if (flooded.length === 0) return;
  const names = new Intl.ListFormat("en").format(flooded.map(({ email }) => email));
  const message = `${names} was invited ${SENDINGS_PER_HOUR} times within an hour. Wait a little before sending another invite.`;
  throw new DomainError("too_many_attempts", { retryAfterSeconds: SENDING_WINDOW_MS / 1_000 }, message);
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
  await tx.db
    .update(invites)
    .set({ revokedAt: sql`${invites.expiresAt}` })
    .where(and(isOpen(tx, emails), lte(invites.expiresAt, sentAt)));
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

function isOpen(tx: Tx, emails: string[]) {
  return and(
    eq(invites.organizationId, tx.organizationId),
    inArray(invites.email, emails),
    isNull(invites.acceptedAt),
    isNull(invites.declinedAt),
    isNull(invites.revokedAt),
  );
}
