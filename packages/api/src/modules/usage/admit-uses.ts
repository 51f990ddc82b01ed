import type { Clock } from "@guildhall/shared";
import { admitSpends } from "../spend-policy/index.ts";
import type { PostingReaction } from "../wallets/index.ts";
import { UseAttachment } from "./usage.events.ts";

/**
 * Asks whether whoever is named in a batch's uses may spend, in the transaction that charges them: by a role or a team, and within
 * the spend policy. Uses of programs that name nobody are not asked about, and a batch of them costs nothing.
 */
export function admitUses(clock: Clock): PostingReaction {
  return async (tx, posted) => {
    const spends = posted.flatMap(({ request: { attachment } }) => {
      if (!(attachment instanceof UseAttachment) || attachment.use.memberId === null) return [];
      const { organizationId, id, memberId, amountMicro, model } = attachment.use;
      return { organizationId, usageId: id, memberId, amountMicro, model };
    });
    if (spends.length > 0) await admitSpends(tx, spends, clock.now());
  };
}
