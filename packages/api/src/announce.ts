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

const waitingByTransaction = new WeakMap<Tx, Announcement[]>();

/**
 * Writes an event into the organization's log in the transaction that causes it. All events of a transaction are
 * appended in one statement just before its commit: the head of the log is the last lock and is held the shortest.
 * After the commit the bus wakes whoever watches.
 */
export function announce(tx: Tx, services: Services, announcement: Announcement): void {
  const waiting = waitingByTransaction.get(tx);
  if (waiting) {
    waiting.push(announcement);
    return;
  }
  const announcements = [announcement];
  waitingByTransaction.set(tx, announcements);
  tx.beforeCommit(async () => {
    const heads = await appendEvents(
      tx.sql,
      announcements.map((each) => toLogged(tx, each)),
      services.clock.now(),
    );
    tx.afterCommit(() => services.bus.publish(heads));
  });
}

function toLogged(tx: Tx, { event, actorId, audience }: Announcement) {
  const { organizationId } = tx;
  return { organizationId, type: event.type, payload: event.payload, audience: audience ?? null, actorId };
}
