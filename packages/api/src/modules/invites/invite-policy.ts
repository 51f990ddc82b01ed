import { can, isAtLeast, type Role } from "@guildhall/auth/permissions";
import { DAY_MS, type DomainErrorCode, HOUR_MS } from "@guildhall/shared";

/** How long an invite stays valid after it was sent, in milliseconds. */
export const INVITE_TTL_MS = 7 * DAY_MS;

/** How many an organization sends in any 24 hours, those that are sent again included. */
export const INVITES_PER_DAY = 1_000;
export const INVITE_COUNT_WINDOW_MS = DAY_MS;

/** How often an organization writes to one address within an hour, by whichever invites: a mailbox is nobody's toy. */
export const SENDINGS_PER_HOUR = 5;
export const SENDING_WINDOW_MS = HOUR_MS;

export type InviteDecision = { ok: true } | { ok: false; reason: DomainErrorCode };

/** May this role invite somebody as that role? Undefined: whoever invites is no member any more. */
export function decideInvite(inviterRole: Role | undefined, role: Role): InviteDecision {
  if (!inviterRole) return { ok: false, reason: "not_found" };
  if (!can(inviterRole, "invites.manage")) return { ok: false, reason: "forbidden" };
  if (!isAtLeast(inviterRole, role)) return { ok: false, reason: "role_above_own" };
  return { ok: true };
}

/** What an invite's row says of its course. */
export interface InviteCourse {
  expiresAt: Date;
  acceptedAt: Date | null;
  declinedAt: Date | null;
  revokedAt: Date | null;
}

export const inviteStates = ["pending", "expired", "accepted", "declined", "revoked"] as const;
export type InviteState = (typeof inviteStates)[number];

/**
 * What has become of an invite. One that made room for a new one after its expiry is closed with exactly its expiry as its
 * end, and stays an expired one.
 */
export function stateOf(invite: InviteCourse, now: Date): InviteState {
  if (invite.acceptedAt) return "accepted";
  if (invite.declinedAt) return "declined";
  if (invite.revokedAt && invite.revokedAt < invite.expiresAt) return "revoked";
  return invite.revokedAt || invite.expiresAt <= now ? "expired" : "pending";
}

/** Why a link opens nothing any more. */
export type GoneReason = Exclude<InviteState, "pending"> | "replaced" | "inviter_lost_right" | "organization_closed";

/** What is known when somebody stands before the door, read under the organization's lock. */
export interface AcceptanceFacts {
  now: Date;
  /** Undefined: whoever sent it is no member any more. */
  inviterRole: Role | undefined;
  /** The link is of an earlier sending. */
  isReplaced: boolean;
  organizationStatus: "active" | "inactive" | "archived" | "pending_deletion";
}

/**
 * Does whoever sent it last still have the right to give its role, without having lost it since? If not, nobody can accept it
 * until it is sent again. Undefined: they are no member any more.
 */
export function isOnGoodRight(
  invite: { role: Role; inviterLostAt: Date | null },
  inviterRole: Role | undefined,
): boolean {
  return invite.inviterLostAt === null && decideInvite(inviterRole, invite.role).ok;
}

/** Why this invite cannot be accepted by anybody now; null when it can. It dies for good with its inviter's right to give the role. */
export function findGoneReason(
  invite: InviteCourse & { role: Role; inviterLostAt: Date | null },
  facts: AcceptanceFacts,
): GoneReason | null {
  const state = stateOf(invite, facts.now);
  if (state !== "pending") return state;
  if (facts.isReplaced) return "replaced";
  if (facts.organizationStatus === "archived" || facts.organizationStatus === "pending_deletion")
    return "organization_closed";
  return isOnGoodRight(invite, facts.inviterRole) ? null : "inviter_lost_right";
}

/** What a person reads instead of the invite, and what they can do. */
export const goneMessages: Record<GoneReason, string> = {
  expired: "This invite has expired: invites are valid for 7 days. Ask whoever invited you to send it again.",
  accepted: "This invite was used already. It works once; ask for a new one if you need to join again.",
  declined: "This invite was declined. Ask for a new one if you have changed your mind.",
  revoked: "This invite was taken back by the organization. Ask for a new one.",
  replaced: "This invite was sent again, and only the newest link works. Look for the latest mail or ask for its link.",
  inviter_lost_right: "Whoever sent this invite lost the right to give this role. Ask the organization for a new one.",
  organization_closed: "This organization takes no new members now.",
};
