export { liveCloseCodes, liveCloseReasons } from "./close-codes.ts";
export { type LiveFrame, liveFrame, type PersonHint, type ResetFrame } from "./frames.ts";
export { type LiveEvent, type LiveEventType, liveEvent } from "./organization-events.ts";
