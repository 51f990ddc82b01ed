import { rolesWith } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { members } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { decideRemoval } from "./role-policy.ts";
import { isMember, readName, readRosterFacts } from "./roster.ts";

/**
 * Ends a membership (S2.14). The event stands in the organization's own log, so what the removed person's pages get
 * ends exactly there. Locks the organization. @throws not_found, forbidden, role_above_own, last_owner
 */
export async function removeMember(
  services: Services,
  actor: OrganizationActor,
  input: { userId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganization(tx);
    const decision = decideRemoval(await readRosterFacts(tx, actor.userId, input.userId));
    if (!decision.ok) throw new DomainError(decision.reason);
    await tx.db.delete(members).where(isMember(tx, input.userId));
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("members.read"),
      event: { type: "member.removed", payload: { userId: input.userId, name: await readName(tx, input.userId) } },
    });
    tx.afterCommit(() => services.bus.touchPerson(input.userId));
  });
}
