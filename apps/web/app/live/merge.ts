import type { Feed, SequencedEvent } from "./feed";

/** What a merge answers when the event does not say enough: read again. */
export const REFETCH = Symbol("refetch");

/** Brings data up to an event. Pure; gives the same object back when the event is not about it. */
export type Merge<T> = (data: T, event: SequencedEvent) => T | typeof REFETCH;

/**
 * Brings data that was read at `asOf` up to what the page has heard since. Data may know of an event already (it is read after
 * its `asOf`), so merges must not mind an event twice.
 */
export function catchUp<T>(
  data: T,
  { feed, asOf, merge }: { feed: Feed; asOf: string; merge: Merge<T> },
): T | typeof REFETCH {
  const missed = feed.since(asOf);
  if (!missed) return REFETCH;
  let current = data;
  for (const event of missed) {
    const next = merge(current, event);
    if (next === REFETCH) return REFETCH;
    current = next;
  }
  return current;
}
