import { type Database, withOrganization } from "@guildhall/db";
import { appendEvents, type Head, type NewEvent } from "../event-log.ts";
import type { Followed } from "../follow-organization.ts";

/** A fixed time: the log's order never depends on it. */
export const NOW = new Date("2026-03-01T09:00:00.000Z");

type Written = Pick<NewEvent, "type" | "payload"> & Partial<NewEvent>;

/** An event that says nothing but its number. */
export function renamed(name: string | number): Written {
  return { type: "organization.renamed", payload: { name: String(name) } };
}

export function balance(sequence: number, audience: string[] | null = null): Written {
  const micro = String(sequence * 1_000_000);
  return {
    type: "wallet.balance_changed",
    payload: {
      balanceMicro: micro,
      heldMicro: "0",
      availableMicro: micro,
      fromSequence: String(sequence),
      toSequence: String(sequence),
    },
    audience,
  };
}

/** Appends in one transaction, as a verb does. Does not wake anybody. */
export function write(db: Database, organizationId: string, ...events: Written[]): Promise<Head[]> {
  const complete = events.map((event) => ({ organizationId, audience: null, actorId: null, ...event }));
  return withOrganization(db, organizationId, (tx) => appendEvents(tx.sql, complete, NOW));
}

/** Takes steps of a follower until one is the last that is waited for. */
export async function take<T>(steps: AsyncIterable<T>, isLast: (step: T, count: number) => boolean): Promise<T[]> {
  const taken: T[] = [];
  for await (const step of steps) {
    taken.push(step);
    if (isLast(step, taken.length)) break;
  }
  return taken;
}

/** The sequence of a step, or "reset" with the sequence it goes on from. */
export function told(step: Followed): string {
  return step.kind === "reset" ? `reset to ${step.sequence}` : String(step.logged.sequence);
}
