import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { assertDone } from "./bulk-outcome.ts";
import { removeMembers } from "./remove-members.ts";

/**
 * Ends one membership (S2.14). Locks the organization. To end one's own there is leaveOrganization.
 * @throws not_found, forbidden, role_above_own, last_owner
 */
export async function removeMember(
  services: Services,
  actor: OrganizationActor,
  input: { userId: string },
): Promise<void> {
  assertDone(await removeMembers(services, actor, { userIds: [input.userId] }));
}
