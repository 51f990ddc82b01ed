import { z } from "zod";
import { type LiveEvent, liveEvent } from "./organization-events.ts";

/**
 * Says that the page is too far behind, or was told of another log, and that what it missed is not replayed: refetch
 * everything that is shown. The stream goes on from the head, so nothing is missing afterwards.
 */
export const resetFrame = z.object({ type: z.literal("reset"), payload: z.object({}), at: z.string() });

/** Reads one frame of `live.organization`: an event with its time (ISO), or a reset. */
export const liveFrame = z.union([resetFrame, liveEvent.and(z.object({ at: z.string() }))]);

export type ResetFrame = z.infer<typeof resetFrame>;

/** What `live.organization` delivers under the sequence as its id. */
export type LiveFrame = (LiveEvent & { at: string }) | ResetFrame;

/** What `live.person` delivers: state, not log. The first comes at once, since something may have changed before it. */
export interface PersonHint {
  kind: "organizations_changed";
}
