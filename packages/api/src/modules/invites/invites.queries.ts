import { parseScopedToken } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { invites, organizations, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, desc, eq, isNull } from "drizzle-orm";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { readInvite } from "./accept-invite.ts";
import { decideAcceptance } from "./invite-policy.ts";
import { INVITE_PREFIX } from "./invite-token.ts";

/** Invites that nobody accepted or revoked yet, newest first. Expired ones stay visible: they say why nobody came. */
export async function readOpenInvites(db: Database, actor: OrganizationActor) {
  const rows = await withOrganization(db, actor.organizationId, (tx) =>
    tx.db
      .select({ invite: invites, invitedByName: users.name })
      .from(invites)
      .innerJoin(users, eq(users.id, invites.invitedBy))
      .where(and(eq(invites.organizationId, tx.organizationId), isNull(invites.acceptedAt), isNull(invites.revokedAt)))
      .orderBy(desc(invites.id)),
  );
  return rows.map(({ invite, invitedByName }) => ({
    inviteId: invite.id,
    email: invite.email,
    role: invite.role,
    invitedByName,
    createdAt: invite.createdAt.toISOString(),
    expiresAt: invite.expiresAt.toISOString(),
  }));
}

/**
 * What the page behind an invite's link shows. Consumes nothing: mail scanners open links too. `matchesYou` is null for
 * somebody who is not signed in; no address is ever named. @throws not_found, invite_gone
 */
export async function previewInvite(services: Services, user: User | null, token: string) {
  const parsed = parseScopedToken(INVITE_PREFIX, token);
  if (!parsed) throw new DomainError("not_found");
  return withOrganization(services.db, parsed.organizationId, async (tx) => {
    const invite = await readInvite(tx, parsed);
    const inviterRole = await readRole(tx, invite.invitedBy);
    const decision = decideAcceptance(invite, { email: invite.email, inviterRole, now: services.clock.now() });
    if (!decision.ok && invite.acceptedBy !== user?.id) throw new DomainError(decision.reason);
    const [row] = await tx.db
      .select({ organizationName: organizations.name, inviterName: users.name })
      .from(organizations)
      .innerJoin(users, eq(users.id, invite.invitedBy))
      .where(eq(organizations.id, tx.organizationId));
    if (!row) throw new DomainError("not_found");
    const matchesYou = user && user.email === invite.email;
    return { ...row, role: invite.role, expiresAt: invite.expiresAt.toISOString(), matchesYou };
  });
}
