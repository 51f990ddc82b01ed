import { withOrganization } from "@guildhall/db";
import { organizations } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "./lock-organization.ts";
import { isReservedSlug } from "./slug-policy.ts";
import { takeSlug } from "./take-slug.ts";
import { wakePlatformAdmins } from "./wake-platform-admins.ts";
import { wakeRoster } from "./wake-roster.ts";

/**
 * Ends the setup step: name and slug (S3.6). The slug is fixed from here on; the one that the organization
 * began with still leads to it. Sending the same again changes nothing. Locks the organization. @throws slug_taken, slug_reserved, slug_fixed
 */
export async function completeSetup(
  services: Services,
  actor: OrganizationActor,
  input: { name: string; slug: string },
): Promise<{ slug: string }> {
  if (isReservedSlug(input.slug)) throw new DomainError("slug_reserved");
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const organization = await lockOrganizationAs(tx, actor, "organization.setup");
    if (organization.setupCompletedAt !== null) {
      if (organization.slug === input.slug && organization.name === input.name) return { slug: input.slug };
      throw new DomainError("slug_fixed");
    }
    if (!(await takeSlug(tx, services, input.slug))) throw new DomainError("slug_taken");
    await tx.db
      .update(organizations)
      .set({ name: input.name, slug: input.slug, setupCompletedAt: services.clock.now() })
      .where(eq(organizations.id, tx.organizationId));
    recordAudit(tx, services, {
      actor,
      action: "organization.set_up",
      subject: { kind: "organization", id: tx.organizationId, label: input.name },
      before: { name: organization.name, slug: organization.slug },
      after: input,
    });
    announce(tx, services, { actorId: actor.userId, event: { type: "organization.set_up", payload: input } });
    await wakeRoster(tx, services);
    await wakePlatformAdmins(tx, services);
    return { slug: input.slug };
  });
}
