import { rolesWith } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { apiKeys } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";

/**
 * Ends a key for good, from the next request on: keys are read on every request. Revoking a revoked key changes and
 * announces nothing. @throws not_found
 */
export async function revokeApiKey(
  services: Services,
  actor: OrganizationActor,
  input: { apiKeyId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    const isThisKey = and(eq(apiKeys.organizationId, tx.organizationId), eq(apiKeys.id, input.apiKeyId));
    const [found] = await tx.db.select().from(apiKeys).where(isThisKey).for("update");
    if (!found) throw new DomainError("not_found");
    if (found.revokedAt) return;
    await tx.db.update(apiKeys).set({ revokedAt: services.clock.now() }).where(isThisKey);
    recordAudit(tx, services, {
      actor,
      action: "api_key.revoked",
      subject: { kind: "api_key", id: input.apiKeyId, label: found.name },
      before: { name: found.name, hint: found.hint },
    });
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("api_keys.manage"),
      event: { type: "api_key.revoked", payload: { apiKeyId: input.apiKeyId } },
    });
  });
}
