import { type Database, withOrganization } from "@guildhall/db";
import { conflate } from "./conflate.ts";
import { type LoggedEvent, readEvents, readHead } from "./event-log.ts";
import { PAGE_EVENTS } from "./feed.ts";

export interface GapOptions {
  db: Database;
  organizationId: string;
  /** A follower further behind is told to start over instead of being sent everything. Default 5,000 events. */
  replayAtMost?: bigint;
}

/** A page of what a follower missed, or word that replaying makes no sense and from which head to go on. */
export type Gap = { events: readonly LoggedEvent[]; isLast: boolean } | { resetTo: bigint };

const REPLAY_AT_MOST = 5_000n;

/**
 * Reads one page of what a follower missed, neighbouring balances merged. Join the organization's feed before, so that
 * what is committed after the last page is not missed. A sequence that the log has not reached, lies too far back, or is
 * not followed by its successor, leads to a reset.
 */
export async function readGap(options: GapOptions, after: bigint): Promise<Gap> {
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
