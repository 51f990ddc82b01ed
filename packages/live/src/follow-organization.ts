import { type Database, withOrganization } from "@guildhall/db";
import type { Bus } from "./bus.ts";
import { conflate } from "./conflate.ts";
import { type LoggedEvent, readEvents, readHead } from "./event-log.ts";
import { type Feed, joinFeed, PAGE_EVENTS } from "./feed.ts";

export interface FollowOrganization {
  db: Database;
  bus: Bus;
  organizationId: string;
  /** The last sequence that the follower has seen; what comes next is `after + 1`. */
  after: bigint;
  signal: AbortSignal;
  /** A follower further behind is told to start over instead of being sent everything. Default 5,000 events. */
  replayAtMost?: bigint;
}

/** What a follower gets: the next event, or word that it has to start over from the head named. */
export type Followed = { kind: "event"; logged: LoggedEvent } | { kind: "reset"; sequence: bigint };

const REPLAY_AT_MOST = 5_000n;

/**
 * Follows an organization's log from a sequence on: exactly in order, nothing missing, nothing twice; neighbouring
 * balances are merged. Registers for wake-ups first, then reads the gap. Ends when the signal is aborted. Yields
 * everything: who may see an event is the caller's decision.
 * @throws what reading the gap throws. Once it has caught up, failing reads are repeated in the background.
 */
export async function* followOrganization(options: FollowOrganization): AsyncGenerator<Followed, void, undefined> {
  const { signal } = options;
  const feed = joinFeed(options);
  try {
    let cursor = options.after;
    let mustRead = true;
    while (!signal.aborted) {
      const remembered = mustRead ? undefined : feed.after(cursor);
      if (remembered?.length === 0) {
        await feed.changed(signal);
        continue;
      }
      const stretch = remembered ? { events: remembered, isLast: true } : await readGap(options, cursor);
      if ("resetTo" in stretch) {
        cursor = stretch.resetTo;
        yield { kind: "reset", sequence: cursor };
      } else {
        for (const logged of stretch.events) {
          cursor = logged.sequence;
          yield { kind: "event", logged };
        }
      }
      mustRead = catchUp(feed, cursor, "resetTo" in stretch || stretch.isLast);
    }
  } finally {
    feed.release();
  }
}

/** Says whether the log itself has to be read further; tells the feed where a follower that has caught up stands. */
function catchUp(feed: Feed, cursor: bigint, isCaughtUp: boolean): boolean {
  if (isCaughtUp) feed.settle(cursor);
  return !isCaughtUp;
}

type Stretch = { events: readonly LoggedEvent[]; isLast: boolean } | { resetTo: bigint };

/** Reads one page of what a follower missed; a reset where replaying makes no sense. */
async function readGap(options: FollowOrganization, after: bigint): Promise<Stretch> {
  const { db, organizationId, replayAtMost = REPLAY_AT_MOST } = options;
  return withOrganization(db, organizationId, async (tx) => {
    const [head, page] = await Promise.all([readHead(tx), readEvents(tx, { after, limit: PAGE_EVENTS })]);
    const isFromOtherLog = after > head && page.length === 0;
    const isTooFar = head - after > replayAtMost;
    const hasGap = page[0] !== undefined && page[0].sequence !== after + 1n;
    if (isFromOtherLog || isTooFar || hasGap) return { resetTo: head };
    return { events: conflate(page), isLast: page.length < PAGE_EVENTS };
  });
}
