import type { Role } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { appendEvents } from "@guildhall/live";
import type { LiveEvent } from "@guildhall/live/events";
import type { Services } from "./trpc/context.ts";

interface Announcement {
  event: LiveEvent;
  actorId: string | null;
  /** The roles that may see it; every member when left out. */
  audience?: Role[];
}

interface Waiting {
  announcements: Announcement[];
  /** What takes its locks after the verb's and before the log's. */
  earlier: (() => Promise<void>)[];
}

const waitingByTransaction = new WeakMap<Tx, Waiting>();

/**
 * Writes an event into the organization's log in the transaction that causes it. All events of a transaction are
 * appended in one statement just before its commit: the head of the log is the last lock and is held the shortest.
 * After the commit the bus wakes whoever watches.
 */
export function announce(tx: Tx, services: Services, announcement: Announcement): void {
  waitingOf(tx, services).announcements.push(announcement);
}

/**
 * Runs a hook just before the transaction's events are appended, whichever of the two was asked for first: for what must be
 * locked late, but before the head of the log. It learns whether anything is announced, and may announce.
 */
export function beforeAnnouncing(tx: Tx, services: Services, hook: (isAnnouncing: boolean) => Promise<void>): void {
  const waiting = waitingOf(tx, services);
  waiting.earlier.push(() => hook(waiting.announcements.length > 0));
}

function waitingOf(tx: Tx, services: Services): Waiting {
  const existing = waitingByTransaction.get(tx);
  if (existing) return existing;
  const waiting: Waiting = { announcements: [], earlier: [] };
  waitingByTransaction.set(tx, waiting);
  tx.beforeCommit(async () => {
    for (const hook of waiting.earlier) await hook();
    const heads = await appendEvents(
      tx.sql,
      waiting.announcements.map((each) => toLogged(tx, each)),
      services.clock.now(),
    );
    tx.afterCommit(() => services.bus.publish(heads));
  });
  return waiting;
}

function toLogged(tx: Tx, { event, actorId, audience }: Announcement) {
  const { organizationId } = tx;
  return { organizationId, type: event.type, payload: event.payload, audience: audience ?? null, actorId };
}
