export type { DeliveredFrame } from "./delivered-frame.ts";
export { liveRouter } from "./live.router.ts";
export { createLiveHub, type LiveHub } from "./live-hub.ts";
export { LiveStream } from "./live-stream.ts";
export type { Seat, Watcher } from "./watcher.ts";
