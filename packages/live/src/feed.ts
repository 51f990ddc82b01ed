import { type Database, withOrganization } from "@guildhall/db";
import type { Bus } from "./bus.ts";
import { conflate } from "./conflate.ts";
import { type LoggedEvent, readEvents } from "./event-log.ts";
import { createWakeUps } from "./wake-ups.ts";

/**
 * The end of one organization's log, kept in memory for as long as somebody follows it: a commit costs one read, however
 * many follow. Holds the latest events without a gap up to `position`; older ones are read by the followers themselves.
 */
export interface Feed {
  /**
   * What comes after a sequence, neighbouring balances merged; empty when there is nothing new. Undefined when the
   * memory does not reach back that far: read the log.
   */
  after(sequence: bigint): readonly LoggedEvent[] | undefined;
  /** Tells the feed how far a follower has read by itself, so that an empty feed knows where to begin. */
  settle(sequence: bigint): void;
  /** Resolves when there may be something new, or when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void>;
  /** Lets go. The last one to do so ends the feed. */
  release(): void;
}

export interface FeedOptions {
  db: Database;
  bus: Bus;
  organizationId: string;
}

/** Events read in one go. */
export const PAGE_EVENTS = 500;
/** Events kept in memory per followed organization. */
const KEPT_EVENTS = 1_000;
/** Between two reads: what happens within it is read, and its balances merged, together. The first is read at once. */
const WINDOW_MS = 50;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

const feedsByBus = new WeakMap<Bus, Map<string, { feed: SharedFeed; followers: number }>>();

/** Joins the feed of an organization, or starts it. From this call on no wake-up is missed. */
export function joinFeed(options: FeedOptions): Feed {
  const { bus, organizationId } = options;
  const feeds = feedsByBus.get(bus) ?? new Map<string, { feed: SharedFeed; followers: number }>();
  feedsByBus.set(bus, feeds);
  const shared = feeds.get(organizationId) ?? { feed: startFeed(options), followers: 0 };
  feeds.set(organizationId, shared);
  shared.followers += 1;
  let isReleased = false;
  return {
    ...shared.feed,
    release() {
      if (isReleased) return;
      isReleased = true;
      shared.followers -= 1;
      if (shared.followers > 0) return;
      feeds.delete(organizationId);
      shared.feed.end();
    },
  };
}

type SharedFeed = Omit<Feed, "release"> & { end(): void };

function startFeed({ db, bus, organizationId }: FeedOptions): SharedFeed {
  const tail = createTail();
  const wakeUps = createWakeUps();
  let isLoading = false;
  let isEnded = false;
  let retryMs = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;

  async function load(): Promise<void> {
    isLoading = true;
    let pauseMs = WINDOW_MS;
    const after = tail.beginRead();
    try {
      const page = await withOrganization(db, organizationId, (tx) => readEvents(tx, { after, limit: PAGE_EVENTS }));
      const isFull = page.length === PAGE_EVENTS;
      tail.append(page, isFull);
      if (isFull) pauseMs = 0;
      retryMs = FIRST_RETRY_MS;
      if (page.length > 0) wakeUps.wake();
    } catch (error) {
      pauseMs = retryMs;
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      if (!isEnded) bus.report(error);
    }
    isLoading = false;
    if (!isEnded) timer = setTimeout(rest, pauseMs).unref();
  }

  function rest(): void {
    timer = undefined;
    loadIfBehind();
  }

  function loadIfBehind(): void {
    if (tail.isBehind() && !isLoading && !timer && !isEnded) void load();
  }

  const unwatch = bus.watchOrganization(organizationId, (sequence) => {
    tail.expect(sequence);
    loadIfBehind();
  });
  return {
    after: tail.after,
    settle(sequence) {
      tail.settle(sequence);
      loadIfBehind();
    },
    changed: wakeUps.next,
    end() {
      isEnded = true;
      clearTimeout(timer);
      unwatch();
    },
  };
}

/** The memory of a feed: which events it holds, up to where, and whether the log is known to have more. */
function createTail() {
  let events: LoggedEvent[] = [];
  /** Everything in (floor, position] is in `events`. Unknown until the first follower has settled. */
  let floor: bigint | undefined;
  let position = 0n;
  /** The highest sequence that somebody spoke of, and what it was when the read under way began. */
  let head = 0n;
  let headAtRead = 0n;
  /** The last page was full, so there may be another. */
  let isMore = false;
  let merged = new Map<bigint, readonly LoggedEvent[]>();

  return {
    beginRead(): bigint {
      headAtRead = head;
      return position;
    },
    isBehind: () => floor !== undefined && (isMore || head > position),
    expect(sequence: bigint): void {
      if (sequence > head) head = sequence;
    },
    settle(sequence: bigint): void {
      if (sequence > head) head = sequence;
      if (floor === undefined) floor = position = sequence;
    },
    append(page: readonly LoggedEvent[], isFull: boolean): void {
      events = [...events, ...page];
      position = page.at(-1)?.sequence ?? position;
      isMore = isFull;
      // A head that the log did not have was a rumour. One that was named during the read may be newer than what it saw.
      if (!isFull && head === headAtRead && head > position) head = position;
      const surplus = events.length - KEPT_EVENTS;
      if (surplus > 0) {
        floor = events[surplus - 1]?.sequence;
        events = events.slice(surplus);
      }
      merged = new Map();
    },
    after(sequence: bigint): readonly LoggedEvent[] | undefined {
      if (floor === undefined || sequence < floor) return undefined;
      const known = merged.get(sequence);
      if (known) return known;
      const next = conflate(events.slice(firstAfter(events, sequence)));
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
