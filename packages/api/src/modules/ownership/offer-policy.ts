import { can, type Role } from "@guildhall/auth/permissions";
import { DAY_MS, type DomainErrorCode, HOUR_MS } from "@guildhall/shared";

/** How long an offer stays open, in milliseconds. */
export const OFFER_TTL_MS = 7 * DAY_MS;

/** How often one person may be offered the ownership of one organization within OFFERING_WINDOW_MS: each offer is a mail. */
export const OFFERS_PER_WINDOW = 5;
export const OFFERING_WINDOW_MS = HOUR_MS;

/**
 * How long to wait before the person may be offered the ownership again, in milliseconds; zero when they may now.
 * `offeredAt`: when they were lately, in any order.
 */
export function waitBeforeOffer(offeredAt: readonly Date[], now: Date): number {
  const since = now.getTime() - OFFERING_WINDOW_MS;
  const lately = offeredAt.map((at) => at.getTime()).filter((at) => at > since);
  const inTheWay = lately.sort((one, other) => other - one)[OFFERS_PER_WINDOW - 1];
  return inTheWay === undefined ? 0 : inTheWay - since;
}

export type Decision = { ok: true } | { ok: false; reason: DomainErrorCode };

const yes: Decision = { ok: true };
const no = (reason: DomainErrorCode): Decision => ({ ok: false, reason });

/** What both are at the moment of the decision, read under the organization's lock; undefined: no member. */
export interface Standing {
  giverRole: Role | undefined;
  receiverRole: Role | undefined;
}

/** May the giver offer the ownership to the receiver? Owners may, to members who are none. */
export function decideOffer({ giverRole, receiverRole }: Standing): Decision {
  if (!giverRole) return no("not_found");
  if (!can(giverRole, "ownership.offer")) return no("forbidden");
  if (!receiverRole) return no("unknown_member");
  if (receiverRole === "owner") return no("already_owner");
  return yes;
}

/** As much of an offer as its acceptance depends on. */
export interface OfferFacts {
  outcome: string | null;
  expiresAt: Date;
}

/** Does the offer still stand? Both must be what they were: the giver an owner, the receiver a member. */
export function decideAcceptance(
  offer: OfferFacts,
  { giverRole, receiverRole, now }: Standing & { now: Date },
): Decision {
  if (offer.outcome !== null || offer.expiresAt <= now) return no("offer_gone");
  if (giverRole !== "owner" || !receiverRole) return no("offer_gone");
  return yes;
}
