import { type Tx, withOrganization } from "@guildhall/db";
import { invites, members, organizations, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, count, desc, eq, ilike, inArray, lt, type SQL, sql } from "drizzle-orm";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { assertAcceptable } from "./admit-invited.ts";
import { findByToken, parseInviteToken } from "./find-invite.ts";
import { readRoomForInvites } from "./insert-invites.ts";
import { type InviteState, inviteStates, isOnGoodRight, stateOf } from "./invite-policy.ts";

const PAGE_SIZE = 50;

/** What is looked for among an organization's invites. */
export interface InviteSearch {
  states?: InviteState[] | undefined;
  /** Part of the address. */
  search?: string | undefined;
  /** The id behind which the page begins. */
  cursor?: string | undefined;
}

/**
 * One page of an organization's invites, newest first, and how many there are of each state. `canBeAccepted` is false for an
 * open one whose inviter lost the right to give its role, even if they have it again.
 */
export async function listInvites(services: Services, actor: OrganizationActor, search: InviteSearch) {
  const now = services.clock.now();
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const found = matching(tx, search.search);
    const rows = await tx.db
      .select({ invite: invites, invitedByName: users.name, inviterRole: members.role })
      .from(invites)
      .innerJoin(users, eq(users.id, invites.invitedBy))
      .leftJoin(members, and(eq(members.organizationId, invites.organizationId), eq(members.userId, invites.invitedBy)))
      .where(
        and(
          found,
          search.states && inArray(stateColumn(now), search.states),
          search.cursor ? lt(invites.id, search.cursor) : undefined,
        ),
      )
      .orderBy(desc(invites.id))
      .limit(PAGE_SIZE + 1);
    const items = rows.slice(0, PAGE_SIZE).map((row) => toListed(row, now));
    return {
      items,
      nextCursor: rows.length > PAGE_SIZE ? (items.at(-1)?.inviteId ?? null) : null,
      counts: await countByState(tx, found, now),
    };
  });
}

type ListedRow = {
  invite: typeof invites.$inferSelect;
  invitedByName: string;
  inviterRole: typeof members.$inferSelect.role | null;
};

function toListed({ invite, invitedByName, inviterRole }: ListedRow, now: Date) {
  return {
    inviteId: invite.id,
    email: invite.email,
    role: invite.role,
    state: stateOf(invite, now),
    canBeAccepted: isOnGoodRight(invite, inviterRole ?? undefined),
    invitedByName,
    createdAt: invite.createdAt.toISOString(),
    sentAt: invite.sentAt.toISOString(),
    expiresAt: invite.expiresAt.toISOString(),
    endedAt: (invite.acceptedAt ?? invite.declinedAt ?? invite.revokedAt)?.toISOString() ?? null,
  };
}

/** The same decision as stateOf, where Postgres has to make it. */
function stateColumn(now: Date): SQL<InviteState> {
  return sql<InviteState>`CASE
    WHEN ${invites.acceptedAt} IS NOT NULL THEN 'accepted'
    WHEN ${invites.declinedAt} IS NOT NULL THEN 'declined'
    WHEN ${invites.revokedAt} < ${invites.expiresAt} THEN 'revoked'
    WHEN ${invites.revokedAt} IS NOT NULL OR ${invites.expiresAt} <= ${now.toISOString()}::timestamptz THEN 'expired'
    ELSE 'pending' END`;
}

function matching(tx: Tx, search: string | undefined): SQL | undefined {
  const pattern = search ? `%${search.replace(/[\\%_]/g, "\\$&")}%` : undefined;
  return and(eq(invites.organizationId, tx.organizationId), pattern ? ilike(invites.email, pattern) : undefined);
}

async function countByState(tx: Tx, found: SQL | undefined, now: Date): Promise<Record<InviteState, number>> {
  const counted = tx.db
    .select({ state: stateColumn(now).as("state") })
    .from(invites)
    .where(found)
    .as("counted");
  const rows = await tx.db.select({ state: counted.state, count: count() }).from(counted).groupBy(counted.state);
  const counts = Object.fromEntries(inviteStates.map((state) => [state, 0])) as Record<InviteState, number>;
  for (const row of rows) counts[row.state] = row.count;
  return counts;
}

/** What whoever is about to invite has to know: whether mail goes out, and how many invites are left for today. */
export async function readInviteMeans(services: Services, actor: OrganizationActor) {
  const left = await withOrganization(services.db, actor.organizationId, (tx) =>
    readRoomForInvites(tx, services.clock.now()),
  );
  return { isMailed: services.mailDelivery !== "off", left };
}

/**
 * What the page behind an invite's link shows. Consumes nothing: mail scanners open links too. To somebody who is signed in
 * it names no address at all, only whether theirs is the one; to somebody who is not it gives the address that the new
 * account would have. `memberOf` is set for whoever came in by this invite before.
 * @throws not_found, invite_gone (with the reason)
 */
export async function previewInvite(services: Services, user: User | null, input: { token: string }) {
  const token = parseInviteToken(input.token);
  return withOrganization(services.db, token.organizationId, async (tx) => {
    const opened = await findByToken(tx, token);
    const { invite } = opened;
    const [row] = await tx.db
      .select({ organization: organizations, inviterName: users.name })
      .from(organizations)
      .innerJoin(users, eq(users.id, invite.invitedBy))
      .where(eq(organizations.id, tx.organizationId));
    if (!row) throw new DomainError("not_found");
    const { organization, inviterName } = row;
    const isInside = user !== null && invite.acceptedBy === user.id && (await readRole(tx, user.id)) !== undefined;
    if (!isInside) await assertAcceptable(tx, services, { organization, opened });
    return {
      organizationName: organization.name,
      inviterName,
      role: invite.role,
      expiresAt: invite.expiresAt.toISOString(),
      matchesYou: user && user.email === invite.email,
      newAccountEmail: user ? null : invite.email,
      memberOf: isInside ? organization.slug : null,
    };
  });
}
