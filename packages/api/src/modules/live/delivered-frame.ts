import type { LoggedEvent } from "@guildhall/live";
import type { LiveFrame, PersonHint } from "@guildhall/live/events";

/** What goes to a page. Shared by everybody who gets the same: never change one. */
export interface DeliveredFrame<T extends object = LiveFrame | PersonHint> {
  /** The sequence, as the client gives it back when it resumes; null for state, which is not resumed. */
  id: string | null;
  frame: T;
}

/** A frame of an organization's log: it always has an id. */
export interface LoggedFrame extends DeliveredFrame<LiveFrame> {
  id: string;
}

/** One per event, so that it is turned into text once. */
const frames = new WeakMap<LoggedEvent, LoggedFrame>();

export function frameOf(logged: LoggedEvent): LoggedFrame {
  const known = frames.get(logged);
  if (known) return known;
  const frame = { id: String(logged.sequence), frame: { ...logged.event, at: logged.at.toISOString() } };
  frames.set(logged, frame);
  return frame;
}

export function resetFrame(sequence: bigint, now: Date): LoggedFrame {
  return { id: String(sequence), frame: { type: "reset", payload: {}, at: now.toISOString() } };
}

/** Always the same: whoever gets it reads the list of organizations anew. */
export const HINTS: readonly DeliveredFrame<PersonHint>[] = [{ id: null, frame: { kind: "organizations_changed" } }];

/** A text that is no sequence stands for one that no log has reached, which is answered by a reset. */
export function sequenceOf(lastEventId: string): bigint {
  return /^\d{1,18}$/.test(lastEventId) ? BigInt(lastEventId) : 10n ** 18n;
}
