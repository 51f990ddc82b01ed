import type { Sql, TransactionSql } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";

/** A key in whose name something is charged. */
export interface SpendingKey {
  organizationId: string;
  apiKeyId: string;
}

/**
 * Says which of these keys may not spend as of now, over all organizations at once, and why: invalid_api_key, organization_inactive. In
 * a transaction that has written the answer is exact: what was revoked before the question is refused.
 */
export async function readRefusedKeys(
  sql: Sql | TransactionSql,
  keys: readonly SpendingKey[],
): Promise<Map<string, DomainError>> {
  const rows = await (sql as Sql)<{ api_key_id: string; status: string | null }[]>`
    SELECT api_key_id, status FROM refused_api_keys(${keys.map((key) => key.organizationId)}::uuid[],
        ${keys.map((key) => key.apiKeyId)}::uuid[])`;
  return new Map(rows.map(({ api_key_id: apiKeyId, status }) => [apiKeyId, refusalOf(status)]));
}

/** The refusal of a key that was revoked (no status), or whose organization has this status. */
export function refusalOf(status: string | null): DomainError {
  return status === null ? new DomainError("invalid_api_key") : new DomainError("organization_inactive", { status });
}
