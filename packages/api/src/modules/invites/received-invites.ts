import type { Role } from "@guildhall/auth";
import { type Database, type Tx, withOrganization, withUser } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { CallingUser, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { admitInvited } from "./admit-invited.ts";
import { closeAsDeclined } from "./decline-invite.ts";
import { type Invite, readInvite } from "./find-invite.ts";
import { decideInvite } from "./invite-policy.ts";

/** Names an invite without its link: for whoever has proved that the invited address is theirs. */
export interface ReceivedInviteId {
  organizationId: string;
  inviteId: string;
}

interface Row {
  organization_id: string;
  invite_id: string;
  organization_name: string;
  role: Role;
  inviter_name: string;
  inviter_role: Role | null;
  sent_at: Date;
  expires_at: Date;
}

/** What a person is invited to, by the address that they have verified; the newest first. Empty while it is not verified. */
export async function readReceivedInvites(db: Database, userId: string, now: Date) {
  const rows = await withUser(db, userId, (tx) => tx.sql<Row[]>`SELECT * FROM read_received_invites(${now})`);
  return rows
    .filter(({ inviter_role, role }) => decideInvite(inviter_role ?? undefined, role).ok)
    .map((row) => ({
      organizationId: row.organization_id,
      inviteId: row.invite_id,
      organizationName: row.organization_name,
      role: row.role,
      inviterName: row.inviter_name,
      sentAt: row.sent_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
    }));
}

/**
 * Accepts an invite that the portal itself showed to the person: their verified address stands in for the link. Locks the
 * organization, then the person. @throws not_found (no such invite for this person), invite_gone
 */
export async function acceptReceivedInvite(
  services: Services,
  user: CallingUser,
  input: ReceivedInviteId,
): Promise<{ slug: string }> {
  return withOrganization(services.db, input.organizationId, async (tx) => {
    const organization = await lockOrganization(tx);
    const invite = await readAddressed(tx, user.id, input.inviteId);
    const opened = { invite, isMailedLink: false, isReplaced: false };
    return admitInvited(tx, services, { organization, opened, user });
  });
}

/** Says no to such an invite. Twice is the same as once. @throws not_found, invite_gone */
export async function declineReceivedInvite(
  services: Services,
  user: CallingUser,
  input: ReceivedInviteId,
): Promise<void> {
  await withOrganization(services.db, input.organizationId, async (tx) => {
    await lockOrganization(tx);
    await closeAsDeclined(tx, services, { invite: await readAddressed(tx, user.id, input.inviteId), user });
  });
}

/** A stranger's invite looks like none at all. The address cannot change until the end: the person is locked. */
async function readAddressed(tx: Tx, userId: string, inviteId: string): Promise<Invite> {
  const invite = await readInvite(tx, inviteId);
  const { email, emailVerifiedAt } = users;
  const [person] = await tx.db
    .select({ email, emailVerifiedAt })
    .from(users)
    .where(eq(users.id, userId))
    .for("no key update");
  if (!person?.emailVerifiedAt || person.email !== invite.email) throw new DomainError("not_found");
  return invite;
}
