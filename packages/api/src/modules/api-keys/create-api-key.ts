import { type ApiKeyScope, rolesWith } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { apiKeys } from "@guildhall/db/schema";
import { newId } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { makeApiKey } from "./api-key-token.ts";
import { knownScopes } from "./check-api-key.ts";

/**
 * Makes a key for a program. The answer is the only time the key is seen: only its SHA-256 is kept. What it may do is chosen here,
 * for good: at least one scope.
 */
export async function createApiKey(
  services: Services,
  actor: Pick<OrganizationActor, "organizationId" | "userId" | "origin">,
  input: { name: string; scopes: readonly ApiKeyScope[] },
): Promise<{ apiKeyId: string; key: string }> {
  const { key, hash, hint } = makeApiKey(actor.organizationId);
  const scopes = knownScopes(input.scopes);
  const createdAt = services.clock.now();
  const apiKeyId = newId(createdAt.getTime());
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await tx.db.insert(apiKeys).values({
      organizationId: tx.organizationId,
      id: apiKeyId,
      name: input.name,
      hint,
      secretHash: hash,
      scopes,
      createdBy: actor.userId,
      createdAt,
    });
    recordAudit(tx, services, {
      actor,
      action: "api_key.created",
      subject: { kind: "api_key", id: apiKeyId, label: input.name },
      after: { name: input.name, hint, scopes },
    });
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("api_keys.manage"),
      event: { type: "api_key.created", payload: { apiKeyId, name: input.name } },
    });
  });
  return { apiKeyId, key };
}
