import { conflate } from "./conflate.ts";
import type { LoggedEvent } from "./event-log.ts";

/** Events kept in memory per followed organization. */
const KEPT_EVENTS = 1_000;

/** The memory of a feed: which events it holds, up to where, and whether the log is known to have more. */
export interface Tail {
  /** Says after which sequence to read; `append` has to follow before the next read. */
  beginRead(): bigint;
  append(page: readonly LoggedEvent[], isFull: boolean): void;
  isBehind(): boolean;
  /** Somebody said that the log has reached this sequence. */
  expect(sequence: bigint): void;
  /** A follower has read up to here by itself. The first of them says where the memory begins. */
  settle(sequence: bigint): void;
  /** The events after a sequence, neighbouring balances merged; undefined when they are not remembered. */
  after(sequence: bigint): readonly LoggedEvent[] | undefined;
}

export function createTail(): Tail {
  let events: readonly LoggedEvent[] = [];
  /** Everything in (floor, position] is in `events`. Unknown until the first follower has settled. */
  let floor: bigint | undefined;
  let position = 0n;
  /** The highest sequence that somebody spoke of, and what it was when the read under way began. */
  let head = 0n;
  let headAtRead = 0n;
  /** The last page was full, so there may be another. */
  let isMore = false;
  /** What followers at the same place get, made once for all of them. */
  let merged = new Map<bigint, readonly LoggedEvent[]>();

  function expect(sequence: bigint): void {
    if (sequence > head) head = sequence;
  }

  return {
    beginRead() {
      headAtRead = head;
      return position;
    },
    append(page, isFull) {
      position = page.at(-1)?.sequence ?? position;
      isMore = isFull;
      // A head that the log did not have was a rumour. One that was named during the read may be newer than what it saw.
      if (!isFull && head === headAtRead && head > position) head = position;
      const all = [...events, ...page];
      events = all.slice(-KEPT_EVENTS);
      floor = all.at(-KEPT_EVENTS - 1)?.sequence ?? floor;
      merged = new Map();
    },
    isBehind: () => floor !== undefined && (isMore || head > position),
    expect,
    settle(sequence) {
      expect(sequence);
      if (floor === undefined) floor = position = sequence;
    },
    after(sequence) {
      if (floor === undefined || sequence < floor) return undefined;
      const next = merged.get(sequence) ?? conflate(events.slice(firstAfter(events, sequence)));
      merged.set(sequence, next);
      return next;
    },
  };
}

/** The sequences of a log have no gaps, so the place of an event follows from its number. */
function firstAfter(events: readonly LoggedEvent[], sequence: bigint): number {
  const first = events[0]?.sequence;
  if (first === undefined || sequence < first) return 0;
  return Number(sequence - first) + 1;
}
