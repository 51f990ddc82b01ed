import { readRefusedKeys } from "../api-keys/index.ts";
import { HoldAttachment, HoldEndAttachment, type PostingReaction } from "../wallets/index.ts";
import { UseAttachment } from "./usage.events.ts";

/**
 * Fails a batch in which a use is charged or a hold placed in the name of an API key that was revoked meanwhile, or whose organization
 * is not active; a hold can be ended in an organization that is not, but by no revoked key. One question per batch, for all its keys.
 * This is what makes it safe to begin on what is remembered of a key; the ledger then finds the request at fault, and its neighbours
 * are posted. Exact, for a key is revoked under the lock of the wallet that the batch holds. @throws invalid_api_key,
 * organization_inactive
 */
export const refuseRevokedKeys: PostingReaction = async (tx, posted) => {
  const keys = new Map<string, SpendingKey>();
  for (const { request } of posted) {
    const act = readAct(request.attachment);
    if (!act || act.apiKeyId === null) continue;
    const { organizationId, apiKeyId, isSpending } = act;
    keys.set(apiKeyId, { organizationId, apiKeyId, isSpending: isSpending || keys.get(apiKeyId)?.isSpending === true });
  }
  if (keys.size === 0) return;
  for (const [apiKeyId, refusal] of await readRefusedKeys(tx, [...keys.values()])) {
    if (refusal.code === "invalid_api_key" || keys.get(apiKeyId)?.isSpending) throw refusal;
  }
};

interface SpendingKey {
  organizationId: string;
  apiKeyId: string;
  /** False when it only ended holds: that is what was reserved before. */
  isSpending: boolean;
}

/** What a program did, by which key; undefined for what others do. */
function readAct(attachment: unknown): (Omit<SpendingKey, "apiKeyId"> & { apiKeyId: string | null }) | undefined {
  const act = attachment instanceof UseAttachment ? attachment.use : attachment;
  const isEnd = act instanceof HoldEndAttachment;
  if (!(isEnd || act instanceof HoldAttachment || attachment instanceof UseAttachment)) return undefined;
  const { organizationId, apiKeyId } = act as Pick<HoldEndAttachment, "organizationId" | "apiKeyId">;
  return { organizationId, apiKeyId, isSpending: !isEnd };
}

/** Runs reactions at once: their statements travel together, and the wallet's lock is held for one round trip instead of several. */
export function together(...reactions: readonly PostingReaction[]): PostingReaction {
  return async (tx, posted) => {
    await Promise.all(reactions.map((react) => react(tx, posted)));
  };
}
