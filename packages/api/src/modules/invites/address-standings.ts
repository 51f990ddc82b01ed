import { isAtLeast, type Role } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { inviteLinks, invites, members, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, count, eq, gt, gte, inArray, isNull, type SQL } from "drizzle-orm";
import { isOnGoodRight, SENDING_WINDOW_MS, SENDINGS_PER_HOUR } from "./invite-policy.ts";

/** Why an address gets no invite. */
export type AddressStanding = "already_member" | "already_invited";

/** An open invite that nobody can accept, because whoever sent it lost the right to give its role. */
export interface VoidInvite {
  inviteId: string;
  email: string;
  role: Role;
  invitedBy: string;
  invitedByName: string;
}

/** What is known of some addresses in the transaction's organization. */
interface Standings {
  /** An address without an entry is free. */
  standings: Map<string, AddressStanding>;
  /** By address: what a new invite takes the place of. */
  voided: Map<string, VoidInvite>;
}

interface StandingsQuestion {
  now: Date;
  /** Of whoever invites. Left out: whatever they may take the place of was looked at. */
  inviterRole?: Role | undefined;
}

/**
 * Reads what stands against inviting each of these addresses. An invite that is not valid any more stands against nothing, unless
 * its role is above that of whoever invites: they could not take it back either.
 */
export async function readStandings(
  tx: Tx,
  emails: string[],
  { now, inviterRole: actorRole }: StandingsQuestion,
): Promise<Standings> {
  if (emails.length === 0) return { standings: new Map(), voided: new Map() };
  const invited = await tx.db
    .select({ invite: invites, invitedByName: users.name, inviterRole: members.role })
    .from(invites)
    .innerJoin(users, eq(users.id, invites.invitedBy))
    .leftJoin(members, and(eq(members.organizationId, invites.organizationId), eq(members.userId, invites.invitedBy)))
    .where(and(isOpen(tx, emails), gt(invites.expiresAt, now)));
  const joined = await tx.db
    .select({ email: users.email })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, tx.organizationId), inArray(users.email, emails)));
  const isStanding = ({ invite, inviterRole }: (typeof invited)[number]) =>
    isOnGoodRight(invite, inviterRole ?? undefined) || (actorRole && !isAtLeast(actorRole, invite.role));
  return {
    standings: new Map([
      ...invited.filter(isStanding).map(({ invite }) => [invite.email, "already_invited"] as const),
      ...joined.map(({ email }) => [email, "already_member"] as const),
    ]),
    voided: new Map(
      invited
        .filter((row) => !isStanding(row))
        .map(({ invite: { id, email, role, invitedBy }, invitedByName }) => [
          email,
          { inviteId: id, email, role, invitedBy, invitedByName },
        ]),
    ),
  };
}

/** Those of the addresses to which as much was sent lately as may be, by whichever invites. */
export async function readFlooded(tx: Tx, emails: string[], now: Date): Promise<string[]> {
  if (emails.length === 0) return [];
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
  return flooded.map(({ email }) => email);
}

/** @throws too_many_attempts, naming the addresses */
export async function assertNotTooOften(tx: Tx, emails: string[], now: Date): Promise<void> {
  const flooded = await readFlooded(tx, emails, now);
  if (flooded.length === 0) return;
  const names = new Intl.ListFormat("en").format(flooded);
  const message = `${names} was invited ${SENDINGS_PER_HOUR} times within an hour. Wait a little before sending another invite.`;
  throw new DomainError("too_many_attempts", { retryAfterSeconds: SENDING_WINDOW_MS / 1_000 }, message);
}

/** Invites of the transaction's organization to these addresses that have not ended, expired ones included. */
export function isOpen(tx: Tx, emails: string[]): SQL | undefined {
  return and(
    eq(invites.organizationId, tx.organizationId),
    inArray(invites.email, emails),
    isNull(invites.acceptedAt),
    isNull(invites.declinedAt),
    isNull(invites.revokedAt),
  );
}
