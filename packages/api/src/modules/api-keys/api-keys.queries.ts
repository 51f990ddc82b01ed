import { type Database, withOrganization } from "@guildhall/db";
import { apiKeys, users } from "@guildhall/db/schema";
import { desc, eq } from "drizzle-orm";
import { knownScopes } from "./check-api-key.ts";

/** All keys of an organization, newest first, revoked ones included: an audit asks for them. Never a secret. */
export async function listApiKeys(db: Database, organizationId: string) {
  const rows = await withOrganization(db, organizationId, (tx) =>
    tx.db
      .select({
        apiKeyId: apiKeys.id,
        name: apiKeys.name,
        hint: apiKeys.hint,
        scopes: apiKeys.scopes,
        createdAt: apiKeys.createdAt,
        createdByName: users.name,
        lastUsedAt: apiKeys.lastUsedAt,
        revokedAt: apiKeys.revokedAt,
      })
      .from(apiKeys)
      .innerJoin(users, eq(users.id, apiKeys.createdBy))
      .where(eq(apiKeys.organizationId, tx.organizationId))
      .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id)),
  );
  return rows.map((row) => ({
    ...row,
    scopes: knownScopes(row.scopes),
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }));
}
