import type { DeliveredFrame } from "./delivered-frame.ts";

/** Somebody at the other end of a stream: a record of the server's, not a generator. None of its methods may throw. */
export interface Watcher {
  /** Gets frames in order. The very same array goes to everybody who gets the same: prepare it once. */
  deliver(frames: readonly DeliveredFrame[]): void;
  /** Undefined when more may be delivered at once; else resolves when it may, or when the watcher is gone. */
  drained(): Promise<void> | undefined;
  /** The stream is over: after the member's own removal, or with what it failed with. Not called after `leave`. */
  end(failure?: unknown): void;
}

/** A place in the hub. */
export interface Seat {
  /** Nothing is delivered from this call on. Idempotent. */
  leave(): void;
}
