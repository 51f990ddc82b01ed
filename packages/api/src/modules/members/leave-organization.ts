import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { endMemberships } from "./end-memberships.ts";
import { decideLeaving } from "./role-policy.ts";
import { readRosterPart } from "./roster.ts";

/**
 * Ends one's own membership. Locks the organization and decides under the lock: of two owners who leave in the same instant one
 * stays. @throws not_found, last_owner
 */
export async function leaveOrganization(services: Services, actor: OrganizationActor): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganization(tx);
    const roster = await readRosterPart(tx, [actor.userId]);
    const decision = decideLeaving(roster.factsAbout(actor.userId, actor.userId));
    const entry = roster.find(actor.userId);
    if (!entry || !decision.ok) throw new DomainError(decision.ok ? "not_found" : decision.reason);
    await endMemberships(tx, services, { ended: [entry], actor, reason: "left" });
  });
}
