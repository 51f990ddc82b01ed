import type { LiveFrame } from "@guildhall/live/events";
import { createListeners } from "./listeners";

/**
 * A frame with its place in the organization's log: a decimal string, counted per organization. Beside the events there is
 * `reset`: what came before it is not told, so everything shown has to be read again.
 */
export type SequencedEvent = LiveFrame & { sequence: string };

/** How many events a page keeps, to bring data up to date that was read a moment ago. */
const KEPT_EVENTS = 500;

export type Feed = ReturnType<typeof createFeed>;

/**
 * What one page has heard of an organization's log, in order. It starts behind `startAfter`; what arrives twice or late is
 * dropped by its sequence.
 */
export function createFeed(startAfter: string) {
  let kept: SequencedEvent[] = [];
  let last = BigInt(startAfter);
  /** Everything after this sequence is still kept. */
  let reachesBackTo = last;
  const { tell, subscribe } = createListeners<[SequencedEvent]>();

  return {
    /** Takes one event in and tells the listeners. Says false for one that is known already. */
    append(event: SequencedEvent): boolean {
      const sequence = BigInt(event.sequence);
      const isReset = event.type === "reset";
      // After a reset the log may stand before what the page has heard: it was put back to an earlier state.
      if (sequence <= last && !isReset) return false;
      last = sequence;
      if (isReset) {
        kept = [];
        reachesBackTo = sequence;
      } else kept.push(event);
      if (kept.length > KEPT_EVENTS) {
        const dropped = kept.slice(0, kept.length - KEPT_EVENTS);
        kept = kept.slice(-KEPT_EVENTS);
        reachesBackTo = BigInt(dropped.at(-1)?.sequence ?? reachesBackTo);
      }
      tell(event);
      return true;
    },
    /** What came after a sequence, or undefined when that is further back than what is kept. */
    since(sequence: string): SequencedEvent[] | undefined {
      const from = BigInt(sequence);
      if (from < reachesBackTo) return undefined;
      return kept.filter((event) => BigInt(event.sequence) > from);
    },
    lastSequence: () => last.toString(),
    subscribe,
  };
}
