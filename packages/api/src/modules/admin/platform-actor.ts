import type { Origin } from "../../trpc/context.ts";

/** A platform admin at work. Above all organizations, a member of none by it. */
export interface PlatformActor {
  userId: string;
  /** Left out where no request is behind it. */
  origin?: Origin | undefined;
}
