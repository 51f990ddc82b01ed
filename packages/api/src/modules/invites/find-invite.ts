import { parseScopedToken, type ScopedToken } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { inviteLinks, invites } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, or, type SQL } from "drizzle-orm";
import { INVITE_PREFIX } from "./issue-links.ts";

export type Invite = typeof invites.$inferSelect;

/** An invite as one of its links opens it. */
export interface OpenedInvite {
  invite: Invite;
  /** The link is the one that only the mail carried: who comes with it reads the invited mailbox. */
  isMailedLink: boolean;
  /** The invite was sent again since: the link is dead. */
  isReplaced: boolean;
}

/** Reads an invite's token. @throws not_found when it has not the form of one */
export function parseInviteToken(token: string): ScopedToken {
  const parsed = parseScopedToken(INVITE_PREFIX, token);
  if (!parsed) throw new DomainError("not_found");
  return parsed;
}

/** Finds an invite by its token's hash, inside the organization that the token names. @throws not_found */
export async function findByToken(tx: Tx, token: ScopedToken): Promise<OpenedInvite> {
  const [found] = await tx.db
    .select({ invite: invites, link: inviteLinks })
    .from(inviteLinks)
    .innerJoin(
      invites,
      and(eq(invites.organizationId, inviteLinks.organizationId), eq(invites.id, inviteLinks.inviteId)),
    )
    .where(
      and(
        eq(inviteLinks.organizationId, tx.organizationId),
        or(eq(inviteLinks.tokenHash, token.hash), eq(inviteLinks.mailedTokenHash, token.hash)),
      ),
    );
  if (!found) throw new DomainError("not_found");
  const { invite, link } = found;
  const isMailedLink = link.mailedTokenHash !== null && Buffer.from(link.mailedTokenHash).equals(token.hash);
  return { invite, isMailedLink, isReplaced: link.generation !== invite.generation };
}

/** Reads one invite of the transaction's organization. @throws not_found */
export async function readInvite(tx: Tx, inviteId: string): Promise<Invite> {
  const [invite] = await tx.db.select().from(invites).where(isInvite(tx, inviteId));
  if (!invite) throw new DomainError("not_found");
  return invite;
}

/** One invite of the transaction's organization. */
export function isInvite(tx: Tx, inviteId: string): SQL | undefined {
  return and(eq(invites.organizationId, tx.organizationId), eq(invites.id, inviteId));
}
