import { parseScopedToken, rolesWith, type ScopedToken } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { invites } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, type SQL } from "drizzle-orm";
import { announce } from "../../announce.ts";
import type { Services, User } from "../../trpc/context.ts";
import { addMember, readRole } from "../members/index.ts";
import { lockOrganization } from "../organizations/index.ts";
import { decideAcceptance } from "./invite-policy.ts";
import { INVITE_PREFIX } from "./invite-token.ts";

/**
 * Accepts an invite: one membership, however often and however parallel it is called. Bound to the invited address; the
 * inviter's right to give the role is read again. Locks the organization.
 * @throws not_found (unknown token), invite_gone, invite_for_other
 */
export async function acceptInvite(
  services: Services,
  user: User,
  input: { token: string },
): Promise<{ slug: string }> {
  const token = parseScopedToken(INVITE_PREFIX, input.token);
  if (!token) throw new DomainError("not_found");
  return withOrganization(services.db, token.organizationId, async (tx) => {
    const organization = await lockOrganization(tx);
    const invite = await readInvite(tx, token);
    if (invite.acceptedBy === user.id && (await readRole(tx, user.id))) return { slug: organization.slug };
    const now = services.clock.now();
    const inviterRole = await readRole(tx, invite.invitedBy);
    const decision = decideAcceptance(invite, { email: user.email, inviterRole, now });
    if (!decision.ok) throw new DomainError(decision.reason);
    await tx.db.update(invites).set({ acceptedAt: now, acceptedBy: user.id }).where(isInvite(tx, invite.id));
    await addMember(tx, services, { user, role: invite.role, actorId: user.id });
    announce(tx, services, {
      actorId: user.id,
      audience: rolesWith("invites.manage"),
      event: { type: "invite.accepted", payload: { inviteId: invite.id, userId: user.id } },
    });
    return { slug: organization.slug };
  });
}

/** Finds an invite by its token's hash, inside the organization that the token names. @throws not_found */
export async function readInvite(tx: Tx, token: ScopedToken): Promise<typeof invites.$inferSelect> {
  const [invite] = await tx.db
    .select()
    .from(invites)
    .where(and(eq(invites.organizationId, tx.organizationId), eq(invites.tokenHash, token.hash)));
  if (!invite) throw new DomainError("not_found");
  return invite;
}

/** One invite of the transaction's organization. */
export function isInvite(tx: Tx, inviteId: string): SQL | undefined {
  return and(eq(invites.organizationId, tx.organizationId), eq(invites.id, inviteId));
}
