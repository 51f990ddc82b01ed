import type { Database } from "@guildhall/db";
import { newId } from "@guildhall/shared";
import { z } from "zod";
import { keepListening } from "./listener.ts";

/** What one process tells the others. Sequences travel as text: JSON numbers end at 2^53. */
const notice = z.object({
  from: z.string(),
  /** Pairs of organization and the sequence that its log has reached. */
  heads: z.array(z.tuple([z.string(), z.string().regex(/^\d+$/)])),
  people: z.array(z.string()),
  sessions: z.array(z.string()),
});

export type Notice = Omit<z.infer<typeof notice>, "from">;

/** A channel to the other processes on the same database. */
export interface NotifyChannel {
  /** Queues a notice. The first leaves at once; what comes while it is under way leaves together afterwards. */
  send(part: Partial<Notice>): void;
  /** Sends what is queued, if the database takes it, and stops listening. */
  stop(): Promise<void>;
}

export interface NotifyChannelOptions {
  db: Database;
  /** A notice of another process, never of this one. */
  onNotice(notice: Notice): void;
  /** Listening has begun, or begun again after a lost connection: whatever was sent in between is lost. */
  onListening(): void;
  onError(error: unknown): void;
  /** How often to check that the channel carries, in milliseconds. Default 10 s. */
  probeMs?: number | undefined;
}

const PROBE_MS = 10_000;
const EMPTY: Notice = { heads: [], people: [], sessions: [] };
const CHANNEL = "guildhall_live";
/** Between two NOTIFYs: the rate is bounded however many commits there are. */
const SPACING_MS = 20;
const RETRY_MS = 1_000;
/** A notification holds 8,000 bytes; 90 entries of at most 70 bytes stay below. */
const ENTRIES_PER_NOTIFICATION = 90;

/**
 * Opens the channel: LISTEN on a connection of its own, which reconnects by itself, and NOTIFY outside of any
 * transaction of the product (inside, it would serialize all commits of the database).
 */
export function openNotifyChannel(options: NotifyChannelOptions): NotifyChannel {
  const { db, onNotice, onListening, onError } = options;
  const from = newId();
  let queued = emptyQueue();
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let isStopped = false;
  let hasHeardItself = true;

  function flush(): void {
    const leaving = queued;
    queued = emptyQueue();
    sending = notify(leaving).then(
      () => pause(SPACING_MS),
      (error: unknown) => {
        enqueue(queued, noticeOf(leaving));
        onError(error);
        pause(RETRY_MS);
      },
    );
  }

  async function notify(queue: Queue): Promise<void> {
    const payloads = payloadsOf(from, queue);
    await db.sql`SELECT pg_notify(${CHANNEL}, payload) FROM unnest(${payloads}::text[]) AS payload`;
  }

  function pause(delayMs: number): void {
    sending = undefined;
    if (!isStopped) timer = setTimeout(rest, delayMs).unref();
  }

  function rest(): void {
    timer = undefined;
    if (!isEmpty(queued)) flush();
  }

  function receive(text: string): void {
    const parsed = notice.safeParse(parseJson(text));
    if (!parsed.success)
      onError(new Error("A notification on the live channel is not one of ours", { cause: parsed.error }));
    else if (parsed.data.from === from) hasHeardItself = true;
    else onNotice(parsed.data);
  }

  /** A connection may hang without being closed. Who no longer hears themselves is deaf for the others, too. */
  async function probe(): Promise<void> {
    if (!hasHeardItself) listener.reopen();
    hasHeardItself = false;
    await db.sql`SELECT pg_notify(${CHANNEL}, ${JSON.stringify({ from, ...EMPTY })})`.catch(onError);
  }

  const listener = keepListening({ db, channel: CHANNEL, onMessage: receive, onListening, onError });
  const probing = setInterval(() => void probe(), options.probeMs ?? PROBE_MS).unref();
  return {
    send(part) {
      if (isStopped) return;
      enqueue(queued, part);
      if (!sending && !timer) flush();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      clearInterval(probing);
      await sending;
      if (!isEmpty(queued)) await notify(queued).catch(onError);
      await listener.stop();
    },
  };
}

interface Queue {
  heads: Map<string, string>;
  people: Set<string>;
  sessions: Set<string>;
}

function emptyQueue(): Queue {
  return { heads: new Map(), people: new Set(), sessions: new Set() };
}

function isEmpty(queue: Queue): boolean {
  return queue.heads.size + queue.people.size + queue.sessions.size === 0;
}

function enqueue(queue: Queue, { heads = [], people = [], sessions = [] }: Partial<Notice>): void {
  for (const [organizationId, sequence] of heads) {
    const known = queue.heads.get(organizationId);
    if (known === undefined || BigInt(sequence) > BigInt(known)) queue.heads.set(organizationId, sequence);
  }
  for (const userId of people) queue.people.add(userId);
  for (const sessionId of sessions) queue.sessions.add(sessionId);
}

function noticeOf({ heads, people, sessions }: Queue): Notice {
  return { heads: [...heads], people: [...people], sessions: [...sessions] };
}

function payloadsOf(from: string, queue: Queue): string[] {
  const { heads, people, sessions } = noticeOf(queue);
  const parts: Notice[] = [
    ...chunks(heads).map((chunk) => ({ ...EMPTY, heads: chunk })),
    ...chunks(people).map((chunk) => ({ ...EMPTY, people: chunk })),
    ...chunks(sessions).map((chunk) => ({ ...EMPTY, sessions: chunk })),
  ];
  return parts.map((part) => JSON.stringify({ from, ...part }));
}

function chunks<T>(entries: T[]): T[][] {
  const count = Math.ceil(entries.length / ENTRIES_PER_NOTIFICATION);
  return Array.from({ length: count }, (_, n) =>
    entries.slice(n * ENTRIES_PER_NOTIFICATION, (n + 1) * ENTRIES_PER_NOTIFICATION),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
