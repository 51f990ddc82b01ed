export { type Bus, type BusOptions, createBus } from "./bus.ts";
export {
  appendEvents,
  type Head,
  type LoggedEvent,
  type NewEvent,
  readEvents,
  readHead,
  readHeads,
} from "./event-log.ts";
export { type Feed, type FeedOptions, joinFeed } from "./feed.ts";
export { type Followed, type FollowOrganization, followOrganization } from "./follow-organization.ts";
export { type FollowPerson, followPerson, watchPersonHints } from "./follow-person.ts";
export { type Gap, type GapOptions, readGap } from "./read-gap.ts";
export type { Unwatch } from "./watches.ts";
