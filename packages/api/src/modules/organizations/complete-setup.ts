import { withOrganization } from "@guildhall/db";
import { organizations } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq, sql } from "drizzle-orm";
import { announce } from "../../announce.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "./lock-organization.ts";
import { isReservedSlug } from "./slug-policy.ts";
import { wakeRoster } from "./wake-roster.ts";

/**
 * Ends the setup step: name and slug (S3.6). The slug is fixed from here on. Sending the same again changes nothing.
 * Locks the organization. @throws slug_taken, slug_reserved, slug_fixed
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
    const taken = await tx.db.execute<{ taken: boolean }>(sql`SELECT is_slug_taken(${input.slug}) AS taken`);
    if (organization.slug !== input.slug && taken[0]?.taken) throw new DomainError("slug_taken");
    await tx.db
      .update(organizations)
      .set({ name: input.name, slug: input.slug, setupCompletedAt: services.clock.now() })
      .where(eq(organizations.id, tx.organizationId))
      .catch(asSlugTaken);
    announce(tx, services, { actorId: actor.userId, event: { type: "organization.set_up", payload: input } });
    await wakeRoster(tx, services);
    return { slug: input.slug };
  });
}

/** Somebody took the slug between the look and the write: the unique index has the last word. */
function asSlugTaken(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && cause.code === "23505") throw new DomainError("slug_taken");
  }
  throw error;
}
