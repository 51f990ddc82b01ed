import { DAY_MS, MINUTE_MS } from "@guildhall/shared";

/** A session that nobody uses for this long ends, in milliseconds. Renewed when less than half of it is left. */
export const SESSION_IDLE_MS = 30 * DAY_MS;

/** A session ends this long after sign-in however much it is used, in milliseconds. */
const SESSION_ABSOLUTE_MS = 90 * DAY_MS;

/** How long a proof (password, factor, sign-in) counts for changing factors, in milliseconds. */
export const CONFIRMED_FOR_MS = 10 * MINUTE_MS;

/** How exact "last used" is, in milliseconds: a write per request would cost more than the figure is worth. */
export const LAST_USED_PRECISION_MS = 5 * MINUTE_MS;

/** When a session used now expires: after the idle time, but never beyond its absolute end. */
export function nextExpiry(now: Date, absoluteExpiresAt: Date): Date {
  return new Date(Math.min(now.getTime() + SESSION_IDLE_MS, absoluteExpiresAt.getTime()));
}

/** When a session made now ends at the latest. */
export function absoluteExpiry(createdAt: Date): Date {
  return new Date(createdAt.getTime() + SESSION_ABSOLUTE_MS);
}
