import { type Role, rolesWith } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { members } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { decideRoleChange } from "./role-policy.ts";
import { isMember, readRosterFacts } from "./roster.ts";

/**
 * Gives a member another role (S2.14). Locks the organization and reads both roles again under the lock, so that two
 * owners who demote each other at once leave one. The same role again announces nothing.
 * @throws not_found, forbidden, role_above_own, last_owner
 */
export async function changeRole(
  services: Services,
  actor: OrganizationActor,
  input: { userId: string; role: Role },
): Promise<{ role: Role }> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganization(tx);
    const facts = await readRosterFacts(tx, actor.userId, input.userId);
    const decision = decideRoleChange(facts, input.role);
    if (!decision.ok) throw new DomainError(decision.reason);
    const previousRole = facts.targetRole as Role;
    if (previousRole === input.role) return { role: input.role };
    await tx.db.update(members).set({ role: input.role }).where(isMember(tx, input.userId));
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("members.read"),
      event: { type: "member.role_changed", payload: { userId: input.userId, role: input.role, previousRole } },
    });
    tx.afterCommit(() => services.bus.touchPerson(input.userId));
    return { role: input.role };
  });
}
