import type { liveCloseCodes } from "@guildhall/live/events";
import { useSyncExternalStore } from "react";
import { createListeners } from "./listeners";

/** How the page is connected: `connecting` before the first connection, then one of the other three. */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "offline";

export interface ConnectionSnapshot {
  state: ConnectionState;
  /** When the page was last known to be up to date, in milliseconds since 1970; undefined before the first connection. */
  lastLiveAtMs: number | undefined;
  /** The server said that the session has ended. */
  isSessionOver: boolean;
}

/** Typed by the server's own constant; importing the value would bring its schemas along. */
const SESSION_ENDED: typeof liveCloseCodes.sessionEnded = 4401;

const BEFORE: ConnectionSnapshot = { state: "connecting", lastLiveAtMs: undefined, isSessionOver: false };

/** Derives what the frame shows from the socket's and the browser's own reports. One per page; injectable for tests. */
export function createConnection(now: () => number = Date.now) {
  let snapshot = BEFORE;
  let isOpen = false;
  let isOnline = true;
  const { tell, subscribe } = createListeners();

  function update(isSessionOver = false) {
    const wasLive = snapshot.state === "live";
    const state = isOpen && isOnline ? "live" : isOnline ? waiting() : "offline";
    if (state === snapshot.state && isSessionOver === snapshot.isSessionOver) return;
    const lastLiveAtMs = wasLive || state === "live" ? now() : snapshot.lastLiveAtMs;
    snapshot = { state, lastLiveAtMs, isSessionOver };
    tell();
  }
  /** A first connection that takes a moment is no lost one. */
  const waiting = (): ConnectionState => (snapshot.lastLiveAtMs === undefined ? "connecting" : "reconnecting");

  return {
    opened() {
      isOpen = true;
      isOnline = true;
      update();
    },
    /** `code` is the WebSocket's close code. A page was up to date when it was rendered, so a refused first try counts as lost. */
    closed(code?: number) {
      isOpen = false;
      if (snapshot.lastLiveAtMs === undefined) snapshot = { ...snapshot, lastLiveAtMs: now() };
      update(code === SESSION_ENDED);
    },
    online(value: boolean) {
      isOnline = value;
      update();
    },
    /** The portal was left. */
    reset() {
      isOpen = false;
      snapshot = BEFORE;
      tell();
    },
    get: () => snapshot,
    subscribe,
  };
}

/** The page's one connection. */
export const connection = createConnection();

/** The connection state, re-rendering when it changes. While rendering on the server: connecting. */
export function useConnection(): ConnectionSnapshot {
  return useSyncExternalStore(connection.subscribe, connection.get, () => BEFORE);
}
