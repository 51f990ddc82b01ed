import { readRefusedKeys } from "../api-keys/index.ts";
import type { PostingReaction } from "../wallets/index.ts";
import { UseAttachment } from "./usage.events.ts";

/**
 * Fails a batch in which a use is charged in the name of an API key that was revoked meanwhile, or whose organization is not active.
 * One question per batch, for all its keys. This is what makes it safe to begin on what is remembered of a key; the ledger then
 * finds the use at fault, and its neighbours are charged. @throws invalid_api_key, organization_inactive
 */
export const refuseRevokedKeys: PostingReaction = async (tx, posted) => {
  const organizationByKey = new Map<string, string>();
  for (const { request } of posted) {
    const { attachment } = request;
    if (!(attachment instanceof UseAttachment)) continue;
    const { apiKeyId, organizationId } = attachment.use;
    if (apiKeyId !== null) organizationByKey.set(apiKeyId, organizationId);
  }
  if (organizationByKey.size === 0) return;
  const keys = Array.from(organizationByKey, ([apiKeyId, organizationId]) => ({ apiKeyId, organizationId }));
  for (const refusal of (await readRefusedKeys(tx, keys)).values()) throw refusal;
};

/** Runs reactions at once: their statements travel together, and the wallet's lock is held for one round trip instead of several. */
export function together(...reactions: readonly PostingReaction[]): PostingReaction {
  return async (tx, posted) => {
    await Promise.all(reactions.map((react) => react(tx, posted)));
  };
}
