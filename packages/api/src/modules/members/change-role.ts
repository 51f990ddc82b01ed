import type { Role } from "@guildhall/auth";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { assertDone } from "./bulk-outcome.ts";
import { changeRoles } from "./change-roles.ts";

/**
 * Gives a member another role (S2.14). Locks the organization and reads both roles again under the lock, so that two
 * owners who demote each other at once leave one. The same role again announces nothing.
 * @throws not_found, forbidden, role_above_own, last_owner, changed_meanwhile
 */
export async function changeRole(
  services: Services,
  actor: OrganizationActor,
  input: { userId: string; role: Role; from?: Role | undefined },
): Promise<{ role: Role }> {
  assertDone(await changeRoles(services, actor, { changes: [input] }));
  return { role: input.role };
}
