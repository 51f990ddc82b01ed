import { timingSafeEqual } from "node:crypto";
import { type ApiKeyScope, allApiKeyScopes } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { apiKeys, organizations } from "@guildhall/db/schema";
import { DomainError, MINUTE_MS } from "@guildhall/shared";
import { and, eq, inArray, isNull, lte, or } from "drizzle-orm";
import { BatchedReads } from "../../batched-reads.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { parseApiKey } from "./api-key-token.ts";

/** A program acting for an organization, as read for this request. */
export interface ApiKeyActor {
  apiKeyId: string;
  organizationId: string;
  slug: string;
  organizationName: string;
  status: OrganizationActor["status"];
  /** What the key may do: chosen when it was made, and the same for as long as it lives. */
  scopes: readonly ApiKeyScope[];
}

type KeyRow = ApiKeyActor & { secretHash: Uint8Array; lastUsedAt: Date | null };
type KeyServices = Pick<Services, "db" | "clock" | "log">;

/** "Last used" is for people: a row per request would make every key a hot spot. */
export const LAST_USED_RESOLUTION_MS = MINUTE_MS;

/**
 * Makes the check of API keys. The id in the key selects the organization, so the look-up already happens inside its
 * walls. Unknown, revoked and malformed keys look the same. Each request is answered from a read that began after it came
 * in, so a revoked key fails at the next request.
 */
export function createApiKeyCheck(services: KeyServices): (key: string) => Promise<ApiKeyActor> {
  const reads = new BatchedReads<KeyRow>({ readMany: (id, hashes) => readKeys(services.db, id, hashes) });
  const touching = new Set<string>();

  /** @throws invalid_api_key, overloaded */
  return async function checkApiKey(key) {
    const named = parseApiKey(key);
    if (!named) throw new DomainError("invalid_api_key");
    const row = await reads.read(named.organizationId, named.hash.toString("hex"));
    if (!row || !timingSafeEqual(row.secretHash, named.hash)) throw new DomainError("invalid_api_key");
    if (!touching.has(row.apiKeyId) && isStale(row.lastUsedAt, services.clock.now())) {
      touching.add(row.apiKeyId);
      void touch(services, row).finally(() => touching.delete(row.apiKeyId));
    }
    const { apiKeyId, organizationId, slug, organizationName, status, scopes } = row;
    return { apiKeyId, organizationId, slug, organizationName, status, scopes };
  };
}

async function readKeys(db: Database, organizationId: string, hashes: string[]): Promise<Map<string, KeyRow>> {
  const rows = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({
        apiKeyId: apiKeys.id,
        organizationId: apiKeys.organizationId,
        secretHash: apiKeys.secretHash,
        lastUsedAt: apiKeys.lastUsedAt,
        scopes: apiKeys.scopes,
        slug: organizations.slug,
        organizationName: organizations.name,
        status: organizations.status,
      })
      .from(apiKeys)
      .innerJoin(organizations, eq(organizations.id, apiKeys.organizationId))
      .where(
        and(
          eq(apiKeys.organizationId, organizationId),
          isNull(apiKeys.revokedAt),
          inArray(
            apiKeys.secretHash,
            hashes.map((hash) => Buffer.from(hash, "hex")),
          ),
        ),
      ),
  );
  return new Map(
    rows.map((row) => [Buffer.from(row.secretHash).toString("hex"), { ...row, scopes: knownScopes(row.scopes) }]),
  );
}

/** The scopes that stand in the table, in its order: one that was stored and is no more gives nothing. */
export function knownScopes(stored: readonly string[]): ApiKeyScope[] {
  return allApiKeyScopes.filter((scope) => stored.includes(scope));
}

function isStale(lastUsedAt: Date | null, now: Date): boolean {
  return !lastUsedAt || now.getTime() - lastUsedAt.getTime() >= LAST_USED_RESOLUTION_MS;
}

/** Beside the request, never in its way: who cannot note the use still serves it. */
async function touch({ db, clock, log }: KeyServices, { organizationId, apiKeyId }: KeyRow): Promise<void> {
  const now = clock.now();
  const before = new Date(now.getTime() - LAST_USED_RESOLUTION_MS);
  try {
    await withOrganization(db, organizationId, (tx) =>
      tx.db
        .update(apiKeys)
        .set({ lastUsedAt: now })
        .where(
          and(
            eq(apiKeys.organizationId, organizationId),
            eq(apiKeys.id, apiKeyId),
            or(isNull(apiKeys.lastUsedAt), lte(apiKeys.lastUsedAt, before)),
          ),
        ),
    );
  } catch (error) {
    log.warn({ err: error, organizationId, apiKeyId }, "the last use of an API key was not noted");
  }
}
