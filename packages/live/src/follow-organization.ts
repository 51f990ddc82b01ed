import type { Bus } from "./bus.ts";
import type { LoggedEvent } from "./event-log.ts";
import { type Feed, joinFeed } from "./feed.ts";
import { type GapOptions, readGap } from "./read-gap.ts";

export interface FollowOrganization extends GapOptions {
  bus: Bus;
  /** The last sequence that the follower has seen; what comes next is `after + 1`. */
  after: bigint;
  signal: AbortSignal;
}

/** What a follower gets: the next event, or word that it has to start over from the head named. */
export type Followed = { kind: "event"; logged: LoggedEvent } | { kind: "reset"; sequence: bigint };

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
