import { withEnterprise } from "@guildhall/db";
import { enterpriseAdmins, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { lockEnterpriseAs } from "./lock-enterprise.ts";
import type { EnterpriseActor } from "./read-enterprise.ts";
import { tellAdminChange } from "./tell-admin-change.ts";

/**
 * Takes the enterprise from one of its admins, or from oneself; never from the last one. Locks the enterprise, so that of two who
 * remove each other one stays. Somebody who is none: changes nothing. @throws not_found, last_enterprise_admin
 */
export async function removeEnterpriseAdmin(
  services: Services,
  actor: EnterpriseActor,
  { userId }: { userId: string },
): Promise<void> {
  const { enterpriseId } = actor;
  await withEnterprise(services.db, enterpriseId, async (tx) => {
    const { adminIds } = await lockEnterpriseAs(tx, actor);
    if (!adminIds.includes(userId)) return;
    if (adminIds.length === 1) throw new DomainError("last_enterprise_admin");
    const { id, name, email } = users;
    const [person] = await tx.db.select({ id, name, email }).from(users).where(eq(id, userId));
    if (!person) return;
    await tx.db
      .delete(enterpriseAdmins)
      .where(and(eq(enterpriseAdmins.enterpriseId, enterpriseId), eq(enterpriseAdmins.userId, userId)));
    tellAdminChange(tx, services, { actor, action: "enterprise.admin_removed", person, adminIds });
  });
}
