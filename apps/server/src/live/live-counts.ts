import type { CloseCause, LiveConnection } from "./live-connection.ts";
import type { SocketRegistry } from "./socket-registry.ts";

const zero = {
  liveOpened: 0,
  liveRefused: 0,
  liveDroppedSlow: 0,
  liveDroppedSilent: 0,
  liveViolations: 0,
  liveSocketErrors: 0,
};

/** What the live channel has seen since the start, and how many are open now; for /readyz and the log. */
export type LiveCounts = typeof zero & { liveConnections: number; liveSubscriptions: number };

export interface LiveCounter {
  add(name: keyof typeof zero): void;
  addShut(cause: CloseCause): void;
  read(): LiveCounts;
}

export function createLiveCounter(registry: SocketRegistry<LiveConnection>): LiveCounter {
  const counts = { ...zero };
  return {
    add(name) {
      counts[name] += 1;
    },
    addShut(cause) {
      if (cause === "tooSlow") counts.liveDroppedSlow += 1;
      if (cause === "policyViolated") counts.liveViolations += 1;
    },
    read() {
      const liveSubscriptions = registry.all().reduce((sum, connection) => sum + connection.subscriptionCount, 0);
      return { ...counts, liveConnections: registry.size(), liveSubscriptions };
    },
  };
}
