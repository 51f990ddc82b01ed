import type { Database } from "@guildhall/db";
import { type Head, readHeads } from "./event-log.ts";
import { type Notice, openNotifyChannel } from "./notify-channel.ts";

/** Ends a watch. Idempotent. */
export type Unwatch = () => void;

/**
 * Carries wake-ups, never content: "organization X has reached n", "something about person Y has changed". Whoever is woken
 * reads. A wake-up may come twice, late, or for nothing; what is lost between processes is healed by a slow poll.
 */
export interface Bus {
  /** Tells that logs have grown. Call after the commit. An organization that nobody watches costs one look-up. */
  publish(heads: readonly Head[]): void;
  /** Tells that a person's list of organizations looks different now. Call after the commit. */
  touchPerson(userId: string): void;
  /** Tells that a session has ended, so that every process closes its connections. */
  endSession(sessionId: string): void;
  /** `wake` gets the sequence that the log has reached at least. Must not throw. */
  watchOrganization(organizationId: string, wake: (sequence: bigint) => void): Unwatch;
  watchPerson(userId: string, wake: () => void): Unwatch;
  /** `wake` gets the session that has ended; null when endings may have been missed: check every session in use. */
  watchSessions(wake: (sessionId: string | null) => void): Unwatch;
  /** Asks the database now how far the watched logs have come. It does so by itself every `pollMs`. */
  poll(): Promise<void>;
  /** Reports what went wrong while following in the background; it is tried again by itself. */
  report(error: unknown): void;
  /** Ends the poll and the connection to the other processes. Watches stay but sleep. */
  stop(): Promise<void>;
}

export interface BusOptions {
  /** Connects this process with the others on the same database. Without it the bus is of this process alone. */
  db?: Database;
  /** How often to look for missed wake-ups, in milliseconds; 0 = never. Default 5 s. */
  pollMs?: number;
  /** How often to check that the other processes are heard, in milliseconds. Default 10 s. */
  probeMs?: number;
  onError?(error: unknown): void;
}

const POLL_MS = 5_000;
const ORGANIZATIONS_PER_POLL = 1_000;

/** Makes the bus of one process. */
export function createBus({ db, pollMs = POLL_MS, probeMs, onError = () => {} }: BusOptions = {}): Bus {
  const organizations = createWatches<bigint>();
  const people = createWatches<void>();
  const sessions = createWatches<string | null>();

  async function poll(): Promise<void> {
    if (!db) return;
    const watched = organizations.keys();
    for (let start = 0; start < watched.length; start += ORGANIZATIONS_PER_POLL) {
      const heads = await readHeads(db, watched.slice(start, start + ORGANIZATIONS_PER_POLL));
      for (const { organizationId, sequence } of heads) organizations.wake(organizationId, sequence);
    }
  }

  function receive({ heads, people: touched, sessions: ended }: Notice): void {
    for (const [organizationId, sequence] of heads) organizations.wake(organizationId, BigInt(sequence));
    for (const userId of touched) people.wake(userId);
    for (const sessionId of ended) sessions.wake(ANY, sessionId);
  }

  const pollSafely = () => poll().catch(onError);
  const channel = db && openNotifyChannel({ db, onNotice: receive, onListening: caughtUp, onError, probeMs });
  const stopPolling = db && pollMs > 0 ? repeat(pollSafely, pollMs) : () => {};

  function caughtUp(): void {
    void pollSafely();
    people.wakeAll();
    sessions.wake(ANY, null);
  }

  return {
    publish(heads) {
      for (const { organizationId, sequence } of heads) organizations.wake(organizationId, sequence);
      channel?.send({ heads: heads.map(({ organizationId, sequence }) => [organizationId, String(sequence)]) });
    },
    touchPerson(userId) {
      people.wake(userId);
      channel?.send({ people: [userId] });
    },
    endSession(sessionId) {
      sessions.wake(ANY, sessionId);
      channel?.send({ sessions: [sessionId] });
    },
    watchOrganization: organizations.watch,
    watchPerson: people.watch,
    watchSessions: (wake) => sessions.watch(ANY, wake),
    poll,
    report: onError,
    async stop() {
      stopPolling();
      await channel?.stop();
    },
  };
}

/** The one key of watches that are not about somebody. */
const ANY = "";

type Wake<T> = (fact: T) => void;

function createWatches<T>() {
  const byKey = new Map<string, Set<Wake<T>>>();
  return {
    watch(key: string, wake: Wake<T>): Unwatch {
      const watchers = byKey.get(key) ?? new Set();
      // A wrapper, so that the same function can watch twice and each watch ends by itself.
      const watcher: Wake<T> = (fact) => wake(fact);
      byKey.set(key, watchers.add(watcher));
      return () => {
        watchers.delete(watcher);
        if (watchers.size === 0 && byKey.get(key) === watchers) byKey.delete(key);
      };
    },
    wake(key: string, fact: T): void {
      for (const watcher of byKey.get(key) ?? []) watcher(fact);
    },
    wakeAll(this: void, ...[fact]: T extends void ? [] : [T]): void {
      for (const watchers of byKey.values()) for (const watcher of watchers) watcher(fact as T);
    },
    keys: () => [...byKey.keys()],
  };
}

/** Repeats work with a pause between the end of one run and the start of the next. */
function repeat(work: () => Promise<void>, pauseMs: number): () => void {
  let timer = setTimeout(run, pauseMs).unref();
  let isStopped = false;
  async function run(): Promise<void> {
    await work();
    if (!isStopped) timer = setTimeout(run, pauseMs).unref();
  }
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
