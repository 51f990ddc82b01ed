import type { Database } from "@guildhall/db";
import { type Head, readHeads } from "./event-log.ts";
import type { Notice } from "./notice.ts";
import { openNotifyChannel } from "./notify-channel.ts";
import { createWatches, type Unwatch } from "./watches.ts";

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

/** Makes the bus of one process. */
export function createBus({ db, pollMs = POLL_MS, probeMs, onError = () => {} }: BusOptions = {}): Bus {
  const organizations = createWatches<bigint>();
  const people = createWatches<void>();
  const sessions = createWatches<string | null>();

  async function poll(): Promise<void> {
    const heads = db ? await readHeads(db, organizations.keys()) : [];
    for (const { organizationId, sequence } of heads) organizations.wake(organizationId, sequence);
  }

  function wake({ heads = [], people: touched = [], sessions: ended = [] }: Partial<Notice>): void {
    for (const [organizationId, sequence] of heads) organizations.wake(organizationId, BigInt(sequence));
    for (const userId of touched) people.wake(userId);
    for (const sessionId of ended) sessions.wake(ANY, sessionId);
  }

  /** Here at once, in the other processes a moment later. */
  function tell(notice: Partial<Notice>): void {
    wake(notice);
    channel?.send(notice);
  }

  function lookAround(): void {
    void pollSafely();
    people.wakeAll();
    sessions.wake(ANY, null);
  }

  const pollSafely = () => poll().catch(onError);
  const channel = db && openNotifyChannel({ db, onNotice: wake, onListening: lookAround, onError, probeMs });
  const stopPolling = db && pollMs > 0 ? repeat(pollSafely, pollMs) : () => {};
  return {
    publish: (heads) => tell({ heads: heads.map((head) => [head.organizationId, String(head.sequence)]) }),
    touchPerson: (userId) => tell({ people: [userId] }),
    endSession: (sessionId) => tell({ sessions: [sessionId] }),
    watchOrganization: organizations.watch,
    watchPerson: people.watch,
    watchSessions: (wakeOne) => sessions.watch(ANY, wakeOne),
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
