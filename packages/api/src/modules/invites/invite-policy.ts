import { can, isAtLeast, type Role } from "@guildhall/auth/permissions";
import { DAY_MS, type DomainErrorCode } from "@guildhall/shared";

/** How long an invite stays valid, in milliseconds. */
export const INVITE_TTL_MS = 7 * DAY_MS;

export type InviteDecision = { ok: true } | { ok: false; reason: DomainErrorCode };

/** May this role invite somebody as that role? Undefined: whoever invites is no member any more. */
export function decideInvite(inviterRole: Role | undefined, role: Role): InviteDecision {
  if (!inviterRole) return { ok: false, reason: "not_found" };
  if (!can(inviterRole, "invites.manage")) return { ok: false, reason: "forbidden" };
  if (!isAtLeast(inviterRole, role)) return { ok: false, reason: "role_above_own" };
  return { ok: true };
}

interface InviteState {
  email: string;
  role: Role;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
}

/**
 * May this address accept the invite now? It dies with its expiry, its revocation, and with its inviter's right to give
 * the role. Acceptance by the same person twice is decided by the verb, which knows who accepted.
 */
export function decideAcceptance(
  invite: InviteState,
  facts: { email: string; inviterRole: Role | undefined; now: Date },
): InviteDecision {
  if (invite.revokedAt || invite.acceptedAt || invite.expiresAt <= facts.now)
    return { ok: false, reason: "invite_gone" };
  if (invite.email !== facts.email) return { ok: false, reason: "invite_for_other" };
  if (!decideInvite(facts.inviterRole, invite.role).ok) return { ok: false, reason: "invite_gone" };
  return { ok: true };
}
