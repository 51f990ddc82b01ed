import type { Role } from "@guildhall/auth/permissions";
import type { LoggedEvent } from "@guildhall/live";
import { isVisible } from "./audience-policy.ts";
import { frameOf, type LoggedFrame } from "./delivered-frame.ts";

/** A stretch of the log as the roles see it. Made once for all watchers at the same place. */
export class StretchView {
  /** The sequence at which the stretch ends. */
  readonly last: bigint;
  private readonly stretch: readonly LoggedEvent[];
  private readonly subjects = new Set<unknown>();
  private readonly framesByRole = new Map<Role, readonly LoggedFrame[]>();

  /** Takes a stretch with at least one event. */
  constructor(stretch: readonly LoggedEvent[]) {
    const last = stretch.at(-1);
    if (!last) throw new Error("An empty stretch has no end.");
    this.last = last.sequence;
    this.stretch = stretch;
    for (const { event } of stretch) if ("userId" in event.payload) this.subjects.add(event.payload.userId);
  }

  /** Whether an event of the stretch is about the person: then it is to be decided event by event. */
  isAbout(userId: string): boolean {
    return this.subjects.has(userId);
  }

  /** What everybody of a role sees whom the stretch is not about: the same array each time. */
  framesFor(role: Role): readonly LoggedFrame[] {
    const known = this.framesByRole.get(role);
    if (known) return known;
    const frames = this.stretch.filter((logged) => isVisible(role, logged)).map(frameOf);
    this.framesByRole.set(role, frames);
    return frames;
  }
}
