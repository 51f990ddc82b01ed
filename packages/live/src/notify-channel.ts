import type { Database } from "@guildhall/db";
import { newId } from "@guildhall/shared";
import { z } from "zod";

/** What one process tells the others. Sequences travel as text: JSON numbers end at 2^53. */
const notice = z.object({
  from: z.string(),
  /** Pairs of organization and sequence; null when only "something happened" is known. */
  heads: z.array(z.tuple([z.string(), z.string().regex(/^\d+$/).nullable()])),
  people: z.array(z.string()),
  sessions: z.array(z.string()),
});

export type Notice = Omit<z.infer<typeof notice>, "from">;

/** A channel to the other processes on the same database. */
export interface NotifyChannel {
  /** Queues a notice. The first leaves at once; what comes while it is under way leaves together afterwards. */
  send(part: Partial<Notice>): void;
  /** Drops what is queued and stops listening. */
  stop(): Promise<void>;
}

export interface NotifyChannelOptions {
  db: Database;
  /** A notice of another process, never of this one. */
  onNotice(notice: Notice): void;
  /** Listening has begun, or begun again after a lost connection: whatever was sent in between is lost. */
  onListening(): void;
  onError(error: unknown): void;
}

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
  const { db, onError } = options;
  const from = newId();
  let queued = emptyQueue();
  let timer: NodeJS.Timeout | undefined;
  let isSending = false;
  let isStopped = false;

  async function flush(): Promise<void> {
    timer = undefined;
    const leaving = queued;
    queued = emptyQueue();
    isSending = true;
    let pauseMs = SPACING_MS;
    try {
      await db.sql`SELECT pg_notify(${CHANNEL}, payload) FROM unnest(${payloadsOf(from, leaving)}::text[]) AS payload`;
    } catch (error) {
      pauseMs = RETRY_MS;
      enqueue(queued, noticeOf(leaving));
      if (!isStopped) onError(error);
    }
    isSending = false;
    if (!isStopped) timer = setTimeout(rest, pauseMs).unref();
  }

  function rest(): void {
    timer = undefined;
    if (!isEmpty(queued)) void flush();
  }

  const stopListening = listen(options, from, () => isStopped);
  return {
    send(part) {
      if (isStopped) return;
      enqueue(queued, part);
      if (!isSending && !timer) void flush();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await stopListening();
    },
  };
}

/** Keeps trying until the first LISTEN stands; from then on the driver renews it with every new connection. */
function listen(options: NotifyChannelOptions, from: string, isStopped: () => boolean): () => Promise<void> {
  const { db, onNotice, onListening, onError } = options;
  let unlisten: (() => Promise<void>) | undefined;
  let retry: NodeJS.Timeout | undefined;

  function receive(text: string): void {
    if (isStopped()) return;
    const parsed = notice.safeParse(parseJson(text));
    if (!parsed.success)
      onError(new Error("A notification on the live channel is not one of ours", { cause: parsed.error }));
    else if (parsed.data.from !== from) onNotice(parsed.data);
  }

  async function start(): Promise<void> {
    try {
      const listening = await db.sql.listen(CHANNEL, receive, () => {
        if (!isStopped()) onListening();
      });
      unlisten = listening.unlisten;
    } catch (error) {
      if (isStopped()) return;
      onError(error);
      retry = setTimeout(() => void start(), RETRY_MS).unref();
    }
  }

  const started = start();
  return async () => {
    clearTimeout(retry);
    await started;
    await unlisten?.().catch(() => {}); // The connection may be gone already: then there is nothing to undo.
  };
}

interface Queue {
  heads: Map<string, string | null>;
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
    queue.heads.set(organizationId, known == null ? sequence : later(known, sequence));
  }
  for (const userId of people) queue.people.add(userId);
  for (const sessionId of sessions) queue.sessions.add(sessionId);
}

function later(known: string, sequence: string | null): string {
  return sequence !== null && BigInt(sequence) > BigInt(known) ? sequence : known;
}

function noticeOf({ heads, people, sessions }: Queue): Notice {
  return { heads: [...heads], people: [...people], sessions: [...sessions] };
}

function payloadsOf(from: string, queue: Queue): string[] {
  const { heads, people, sessions } = noticeOf(queue);
  const empty: Notice = { heads: [], people: [], sessions: [] };
  const parts: Notice[] = [
    ...chunks(heads).map((chunk) => ({ ...empty, heads: chunk })),
    ...chunks(people).map((chunk) => ({ ...empty, people: chunk })),
    ...chunks(sessions).map((chunk) => ({ ...empty, sessions: chunk })),
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
