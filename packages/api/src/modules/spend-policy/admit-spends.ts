import type { TransactionSql } from "@guildhall/db";
import type { SpendRefusal } from "./spend-policy.ts";
import { toSpendError } from "./spend-refusal.ts";

/** A charge in a person's name. */
export interface Spend {
  organizationId: string;
  usageId: string;
  /** The person's id. */
  memberId: string;
  amountMicro: bigint;
  model: string;
}

/**
 * Asks once for a whole batch whether each charge's person may spend now, and counts what is spent through teams. Call it in the
 * transaction that charges, after the books are locked: whoever takes such a right away waits for that lock.
 * @throws unknown_member, role_cannot_spend, spend_policy_refused (with the rule): for the first that is refused
 */
export async function admitSpends(tx: TransactionSql, spends: readonly Spend[], now: Date): Promise<void> {
  const refused = await tx<{ place: number; refusal: SpendRefusal }[]>`
    SELECT place, refusal FROM admit_spends(${now}, ${spends.map((spend) => spend.usageId)}::uuid[],
        ${spends.map((spend) => spend.organizationId)}::uuid[], ${spends.map((spend) => spend.memberId)}::uuid[],
        ${spends.map((spend) => String(spend.amountMicro))}::bigint[], ${spends.map((spend) => spend.model)}::text[])
     ORDER BY place`;
  const [first] = refused;
  if (first) throw toSpendError(first.refusal, spends[first.place - 1]?.memberId ?? "");
}
