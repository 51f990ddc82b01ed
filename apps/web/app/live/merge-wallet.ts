import type { WalletSummary } from "~/api/types";
import type { Merge } from "./merge";

/** Keeps the balance up to date. It is state: the posting furthest on wins, whatever order it was heard in. */
export const mergeWallet: Merge<WalletSummary> = (summary, event) => {
  if (event.type !== "wallet.balance_changed") return summary;
  const { balanceMicro, heldMicro, availableMicro, toSequence } = event.payload;
  if (BigInt(toSequence) <= BigInt(summary.sequence)) return summary;
  return { ...summary, balanceMicro, heldMicro, availableMicro, sequence: toSequence };
};
