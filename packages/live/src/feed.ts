import { type Database, withOrganization } from "@guildhall/db";
import type { Bus } from "./bus.ts";
import { type LoggedEvent, readEvents } from "./event-log.ts";
import { createRepeater } from "./repeater.ts";
import { createTail } from "./tail.ts";
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
  /** Called in the same turn in which `after` may have something new. Must not throw. */
  onChange?(): void;
}

/** Events read in one go. */
export const PAGE_EVENTS = 500;
/** Between two reads: what happens within it is read, and its balances merged, together. The first is read at once. */
const WINDOW_MS = 50;

const feedsByBus = new WeakMap<Bus, Map<string, { feed: SharedFeed; followers: number }>>();

/** Joins the feed of an organization, or starts it. From this call on no wake-up is missed. */
export function joinFeed(options: FeedOptions): Feed {
  const { bus, organizationId, onChange } = options;
  const feeds = feedsByBus.get(bus) ?? new Map<string, { feed: SharedFeed; followers: number }>();
  feedsByBus.set(bus, feeds);
  const shared = feeds.get(organizationId) ?? { feed: startFeed(options), followers: 0 };
  feeds.set(organizationId, shared);
  shared.followers += 1;
  if (onChange) shared.feed.listeners.add(onChange);
  let isReleased = false;
  const { after, settle, changed } = shared.feed;
  return {
    after,
    settle,
    changed,
    release() {
      if (isReleased) return;
      isReleased = true;
      if (onChange) shared.feed.listeners.delete(onChange);
      shared.followers -= 1;
      if (shared.followers > 0) return;
      feeds.delete(organizationId);
      shared.feed.end();
    },
  };
}

type SharedFeed = Omit<Feed, "release"> & { listeners: Set<() => void>; end(): void };

function startFeed({ db, bus, organizationId }: FeedOptions): SharedFeed {
  const tail = createTail();
  const wakeUps = createWakeUps();
  const listeners = new Set<() => void>();

  async function load(): Promise<number> {
    const after = tail.beginRead();
    const page = await withOrganization(db, organizationId, (tx) => readEvents(tx, { after, limit: PAGE_EVENTS }));
    const isFull = page.length === PAGE_EVENTS;
    tail.append(page, isFull);
    if (page.length > 0) {
      wakeUps.wake();
      for (const listener of listeners) listener();
    }
    return isFull ? 0 : WINDOW_MS;
  }

  const loading = createRepeater({ isNeeded: tail.isBehind, run: load, onError: bus.report });
  const unwatch = bus.watchOrganization(organizationId, (sequence) => {
    tail.expect(sequence);
    loading.nudge();
  });
  return {
    after: tail.after,
    settle(sequence) {
      tail.settle(sequence);
      loading.nudge();
    },
    changed: wakeUps.next,
    listeners,
    end() {
      loading.stop();
      unwatch();
    },
  };
}
