import type { TransactionSql } from "@guildhall/db";
import type { Clock } from "@guildhall/shared";
import { type SpendRefusal, toSpendError } from "../spend-policy/index.ts";
import { HoldAttachment, type PostingReaction } from "../wallets/index.ts";
import { asRefusal } from "./usage.events.ts";

/**
 * Asks whether whoever is named in a batch's holds may spend as much as they reserve, in the transaction that places them, and counts
 * it. Holds in nobody's name are not asked about.
 */
export function admitHolds(clock: Clock): PostingReaction {
  return async (tx, posted) => {
    const holds = posted.flatMap(({ request: { attachment } }) =>
      attachment instanceof HoldAttachment && attachment.spender
        ? [{ ...attachment, spender: attachment.spender }]
        : [],
    );
    if (holds.length > 0) await admit(tx, holds, clock.now());
  };
}

type NamedHold = HoldAttachment & { spender: NonNullable<HoldAttachment["spender"]> };

/** @throws unknown_member, role_cannot_spend, spend_policy_refused, allowance_exceeded: for the first that is refused */
async function admit(tx: TransactionSql, holds: readonly NamedHold[], now: Date): Promise<void> {
  const refused = await tx<{ place: number; refusal: SpendRefusal }[]>`
    SELECT place, refusal FROM admit_holds(${now}, ${holds.map((hold) => hold.holdId)}::uuid[],
        ${holds.map((hold) => hold.organizationId)}::uuid[], ${holds.map((hold) => hold.spender.id)}::uuid[],
        ${holds.map((hold) => String(hold.reservedMicro))}::bigint[], ${holds.map((hold) => hold.spender.model)}::text[])
     ORDER BY place`.catch(asRefusal);
  const [first] = refused;
  if (first) throw toSpendError(first.refusal, holds[first.place - 1]?.spender.id ?? "");
}
