import type { LoggedEvent } from "./event-log.ts";

/**
 * Merges neighbouring balance events of a stretch of the log into the latest one. A balance is state: the page needs the
 * last, and the range of postings that it sums up. Only neighbours are merged, so that a client which stops in between
 * resumes at a point where nothing was merged away. The merged event carries the last sequence.
 */
export function conflate(events: readonly LoggedEvent[]): LoggedEvent[] {
  const merged: LoggedEvent[] = [];
  for (const next of events) {
    const previous = merged.at(-1);
    const one = previous && mergeBalances(previous, next);
    if (one) merged[merged.length - 1] = one;
    else merged.push(next);
  }
  return merged;
}

function mergeBalances(earlier: LoggedEvent, later: LoggedEvent): LoggedEvent | null {
  if (earlier.event.type !== "wallet.balance_changed" || later.event.type !== "wallet.balance_changed") return null;
  if (earlier.audience?.join() !== later.audience?.join()) return null;
  const { fromSequence } = earlier.event.payload;
  return { ...later, event: { ...later.event, payload: { ...later.event.payload, fromSequence } } };
}
