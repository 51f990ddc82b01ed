import { withOrganization } from "@guildhall/db";
import { organizations } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "./lock-organization.ts";
import { wakePlatformAdmins } from "./wake-platform-admins.ts";
import { wakeRoster } from "./wake-roster.ts";

/** Changes the display name (S3.7); the slug stays. Locks the organization. The same name again announces nothing. */
export async function renameOrganization(
  services: Services,
  actor: OrganizationActor,
  input: { name: string },
): Promise<{ name: string }> {
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const organization = await lockOrganizationAs(tx, actor, "organization.rename");
    if (organization.name === input.name) return { name: input.name };
    await tx.db.update(organizations).set({ name: input.name }).where(eq(organizations.id, tx.organizationId));
    recordAudit(tx, services, {
      actor,
      action: "organization.renamed",
      subject: { kind: "organization", id: tx.organizationId, label: input.name },
      before: { name: organization.name },
      after: { name: input.name },
    });
    announce(tx, services, {
      actorId: actor.userId,
      event: { type: "organization.renamed", payload: { name: input.name } },
    });
    await wakeRoster(tx, services);
    await wakePlatformAdmins(tx, services);
    return { name: input.name };
  });
}
