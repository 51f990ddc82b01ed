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

export function createLiveCounts(registry: SocketRegistry<LiveConnection>) {
  const counts = { ...zero };
  return {
    add(name: keyof typeof zero): void {
      counts[name] += 1;
    },
    addShut(cause: CloseCause): void {
      if (cause === "tooSlow") counts.liveDroppedSlow += 1;
      if (cause === "policyViolated") counts.liveViolations += 1;
    },
    read(): LiveCounts {
      const liveSubscriptions = registry.all().reduce((sum, connection) => sum + connection.subscriptionCount, 0);
      return { ...counts, liveConnections: registry.size(), liveSubscriptions };
    },
  };
}
