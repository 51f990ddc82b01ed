import { createScopedToken, type Role, rolesWith } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { invites, members, users } from "@guildhall/db/schema";
import { DomainError, newId } from "@guildhall/shared";
import { and, eq, isNull, lte } from "drizzle-orm";
import { announce } from "../../announce.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { lockOrganization } from "../organizations/index.ts";
import { decideInvite, INVITE_TTL_MS } from "./invite-policy.ts";
import { INVITE_PREFIX, type IssuedInvite } from "./invite-token.ts";

/**
 * Invites one person by e-mail (S2.11). The token is returned once, for sharing by hand (S2.13); only its hash is kept.
 * Locks the organization. @throws forbidden, role_above_own, already_member, already_invited
 */
export async function createInvite(
  services: Services,
  actor: OrganizationActor,
  input: { email: string; role: Role },
): Promise<IssuedInvite> {
  const now = services.clock.now();
  const { token, hash } = createScopedToken(INVITE_PREFIX, actor.organizationId);
  const invite = {
    inviteId: newId(now.getTime()),
    ...input,
    createdAt: now,
    expiresAt: new Date(now.getTime() + INVITE_TTL_MS),
  };
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganization(tx);
    const decision = decideInvite(await readRole(tx, actor.userId), input.role);
    if (!decision.ok) throw new DomainError(decision.reason);
    if (await isMember(tx, input.email)) throw new DomainError("already_member");
    await retireExpired(tx, input.email, now);
    const inserted = await tx.db
      .insert(invites)
      .values({
        ...invite,
        id: invite.inviteId,
        organizationId: tx.organizationId,
        tokenHash: hash,
        invitedBy: actor.userId,
      })
      .onConflictDoNothing()
      .returning({ id: invites.id });
    if (inserted.length === 0) throw new DomainError("already_invited");
    const times = { createdAt: now.toISOString(), expiresAt: invite.expiresAt.toISOString() };
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("invites.manage"),
      event: { type: "invite.created", payload: { ...invite, ...times, invitedByName: actor.name } },
    });
  });
  const acceptUrl = `${services.publicUrl}/invite/${token}`;
  return { inviteId: invite.inviteId, token, acceptUrl, expiresAt: invite.expiresAt.toISOString() };
}

async function isMember(tx: Tx, email: string): Promise<boolean> {
  const rows = await tx.db
    .select({ userId: members.userId })
    .from(members)
    .innerJoin(users, and(eq(users.id, members.userId), eq(users.email, email)))
    .where(eq(members.organizationId, tx.organizationId));
  return rows.length > 0;
}

/** An expired invite is no reason to refuse a new one for its address. */
async function retireExpired(tx: Tx, email: string, now: Date): Promise<void> {
  await tx.db
    .update(invites)
    .set({ revokedAt: now })
    .where(
      and(
        eq(invites.organizationId, tx.organizationId),
        eq(invites.email, email),
        isNull(invites.acceptedAt),
        isNull(invites.revokedAt),
        lte(invites.expiresAt, now),
      ),
    );
}
