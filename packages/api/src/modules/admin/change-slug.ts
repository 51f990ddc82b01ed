import { withOrganization } from "@guildhall/db";
import { organizations } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { Services } from "../../trpc/context.ts";
import { isReservedSlug, lockOrganization, takeSlug, wakePlatformAdmins, wakeRoster } from "../organizations/index.ts";
import type { PlatformActor } from "./platform-actor.ts";
import { requirePlatformAdmin } from "./require-platform-admin.ts";

/**
 * Gives an organization another slug: support's way, the only one after setup (S3.8). The old slug goes on leading to it, and
 * to it alone; it may come back to one that it had. The reason stands in the organization's own audit log. The same slug again
 * changes nothing. Locks the organization. @throws not_found, slug_taken, slug_reserved
 */
export async function changeSlug(
  services: Services,
  actor: PlatformActor,
  input: { organizationId: string; slug: string; reason: string },
): Promise<{ slug: string; previousSlug: string }> {
  const { slug, reason } = input;
  if (isReservedSlug(slug)) throw new DomainError("slug_reserved");
  return withOrganization(services.db, input.organizationId, async (tx) => {
    const { slug: previousSlug, name } = await lockOrganization(tx);
    await requirePlatformAdmin(tx, actor);
    if (previousSlug === slug) return { slug, previousSlug };
    if (!(await takeSlug(tx, services, slug))) throw new DomainError("slug_taken");
    await tx.db.update(organizations).set({ slug }).where(eq(organizations.id, tx.organizationId));
    announce(tx, services, {
      actorId: actor.userId,
      event: { type: "organization.slug_changed", payload: { slug, previousSlug } },
    });
    recordAudit(tx, services, {
      actor,
      action: "organization.slug_changed",
      subject: { kind: "organization", id: tx.organizationId, label: name },
      before: { slug: previousSlug },
      after: { slug, reason },
    });
    await wakeRoster(tx, services);
    await wakePlatformAdmins(tx, services);
    return { slug, previousSlug };
  });
}
