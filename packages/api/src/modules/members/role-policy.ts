import { can, isAtLeast, type Role } from "@guildhall/auth/permissions";
import type { DomainErrorCode } from "@guildhall/shared";

export type Decision = { ok: true } | { ok: false; reason: DomainErrorCode };

const yes: Decision = { ok: true };
const no = (reason: DomainErrorCode): Decision => ({ ok: false, reason });

/** Facts about the roster at the moment of the decision, read under the organization's lock. */
export interface RosterFacts {
  /** Role of whoever acts; undefined when they lost their membership meanwhile. */
  actorRole: Role | undefined;
  /** Role of the person it is about; undefined when they are no member. */
  targetRole: Role | undefined;
  ownerCount: number;
}

/** May the actor give the target this role? Nobody gives or takes a role above their own; one owner stays. */
export function decideRoleChange(facts: RosterFacts, newRole: Role): Decision {
  const { actorRole, targetRole } = facts;
  if (!actorRole || !targetRole) return no("not_found");
  if (!can(actorRole, "members.change_role")) return no("forbidden");
  if (!isAtLeast(actorRole, targetRole) || !isAtLeast(actorRole, newRole)) return no("role_above_own");
  if (newRole !== "owner" && isLastOwner(facts)) return no("last_owner");
  return yes;
}

/** May the actor remove the target? The same walls as for a change of role. */
export function decideRemoval(facts: RosterFacts): Decision {
  const { actorRole, targetRole } = facts;
  if (!actorRole || !targetRole) return no("not_found");
  if (!can(actorRole, "members.remove")) return no("forbidden");
  if (!isAtLeast(actorRole, targetRole)) return no("role_above_own");
  if (isLastOwner(facts)) return no("last_owner");
  return yes;
}

/** May a person leave? Whoever is a member, except for the last owner. */
export function decideLeaving(facts: Omit<RosterFacts, "actorRole">): Decision {
  if (!facts.targetRole) return no("not_found");
  if (isLastOwner(facts)) return no("last_owner");
  return yes;
}

function isLastOwner({ targetRole, ownerCount }: Omit<RosterFacts, "actorRole">): boolean {
  return targetRole === "owner" && ownerCount < 2;
}
