import type { Role } from "@guildhall/auth/permissions";

/** What a follower is in the organization at a point of its log. */
export interface Standing {
  userId: string;
  role: Role;
  /** The sequence at which the role was read; changes up to here are in it already. */
  asOf: bigint;
}

/** As much of an event of the log as the decision needs. */
export interface AudienceEvent {
  sequence: bigint;
  type: string;
  payload: object;
  audience: readonly string[] | null;
}

/** Whether an event is delivered, what the follower is after it, and whether it was the last one. */
export interface Admission {
  isDelivered: boolean;
  standing: Standing;
  isLast: boolean;
}

/**
 * Decides for one follower and the next event of the log. What lies before the follower's standing is judged by the role
 * of now: who has lost a role gets nothing that was meant for it, who has gained one misses nothing. What comes after is
 * judged by the role at that point: the log itself carries the changes, so the cut-off is exact. The removed get their
 * own removal and nothing after it; so do those who are kept out for want of a second factor.
 */
export function admit(standing: Standing, event: AudienceEvent): Admission {
  const isDelivered = isVisible(standing.role, event);
  if (!isAbout(standing.userId, event)) return { isDelivered, standing, isLast: false };
  const isNew = event.sequence > standing.asOf;
  // An earlier one, of somebody who is a member (again): the page would say goodbye to a person who has come back.
  if (LAST_ONES.has(event.type)) return { isDelivered: isNew, standing, isLast: isNew };
  if (event.type !== "member.role_changed") return { isDelivered, standing, isLast: false };
  const moved = isNew ? { ...standing, role: roleAfter(event, standing.role), asOf: event.sequence } : standing;
  return { isDelivered: true, standing: moved, isLast: false };
}

/** What ends the stream of whom it is about. */
const LAST_ONES: ReadonlySet<string> = new Set(["member.removed", "member.suspended"]);

/** Whether a role may see an event that is not about its holder. */
export function isVisible(role: Role, { audience }: Pick<AudienceEvent, "audience">): boolean {
  return audience === null || audience.includes(role);
}

function isAbout(userId: string, { payload }: AudienceEvent): boolean {
  return "userId" in payload && payload.userId === userId;
}

function roleAfter({ payload }: AudienceEvent, role: Role): Role {
  return "role" in payload ? (payload.role as Role) : role;
}
