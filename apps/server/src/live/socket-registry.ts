import { networkOf } from "@guildhall/auth";
import type { LiveLimits } from "./live-limits.ts";

/** As much of a connection as counting and finding it takes. */
export interface Registered {
  session: { id: string; userId: string };
}

/** A place for one socket, held from before its session is checked until it is gone. */
export interface Place<T extends Registered> {
  /** Says whether the person may have one more socket. */
  hasRoomFor(userId: string): boolean;
  /** Fills the place. Nothing may be awaited since hasRoomFor. */
  fill(connection: T): void;
  /** Idempotent. */
  release(): void;
}

export interface SocketRegistry<T extends Registered> {
  /** Takes a place, or undefined when the server or the address has none left. */
  take(address: string): Place<T> | undefined;
  all(): T[];
  ofSession(sessionId: string): T[];
  size(): number;
}

type Caps = Pick<LiveLimits, "connections" | "connectionsPerUser" | "connectionsPerAddress">;

/** Counts sockets and finds them again. Upgrades under way count, or a flood of them would pass the caps together. */
export function createSocketRegistry<T extends Registered>(caps: Caps): SocketRegistry<T> {
  const connections = new Set<T>();
  const perAddress = createTally();
  const perUser = createTally();
  let taken = 0;

  function take(address: string): Place<T> | undefined {
    const group = networkOf(address);
    if (taken >= caps.connections || perAddress.of(group) >= caps.connectionsPerAddress) return undefined;
    taken += 1;
    perAddress.add(group, 1);
    let held: T | undefined;
    let isReleased = false;
    return {
      hasRoomFor: (userId) => perUser.of(userId) < caps.connectionsPerUser,
      fill(connection) {
        if (isReleased) return; // The socket has closed in the same turn.
        held = connection;
        connections.add(connection);
        perUser.add(connection.session.userId, 1);
      },
      release() {
        if (isReleased) return;
        isReleased = true;
        taken -= 1;
        perAddress.add(group, -1);
        if (!held) return;
        connections.delete(held);
        perUser.add(held.session.userId, -1);
      },
    };
  }

  return {
    take,
    all: () => [...connections],
    ofSession: (sessionId) => [...connections].filter((connection) => connection.session.id === sessionId),
    size: () => connections.size,
  };
}

function createTally() {
  const counts = new Map<string, number>();
  return {
    of: (key: string) => counts.get(key) ?? 0,
    add(key: string, change: number): void {
      const count = (counts.get(key) ?? 0) + change;
      if (count === 0) counts.delete(key);
      else counts.set(key, count);
    },
  };
}
