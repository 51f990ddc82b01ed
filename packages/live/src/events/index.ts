export { type LiveEvent, type LiveEventType, liveEvent } from "./organization-events.ts";
