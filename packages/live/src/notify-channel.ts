import type { Database } from "@guildhall/db";
import { newId } from "@guildhall/shared";
import { keepListening } from "./listener.ts";
import { EMPTY_NOTICE, type Notice, readPayload, writePayloads } from "./notice.ts";
import { createNotifier, type Notifier } from "./notifier.ts";

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

const CHANNEL = "guildhall_live";
const PROBE_MS = 10_000;

/**
 * Opens the channel to the other processes on the same database: LISTEN on a connection of its own, and NOTIFY outside of
 * any transaction of the product (inside, it would serialize all commits of the database).
 */
export function openNotifyChannel(options: NotifyChannelOptions): Notifier {
  const { db, onNotice, onListening, onError, probeMs = PROBE_MS } = options;
  const from = newId();
  let hasHeardItself = true;

  async function notify(notice: Notice): Promise<void> {
    const payloads = writePayloads(from, notice);
    await db.sql`SELECT pg_notify(${CHANNEL}, payload) FROM unnest(${payloads}::text[]) AS payload`;
  }

  function receive(text: string): void {
    try {
      const { from: sender, ...notice } = readPayload(text);
      if (sender === from) hasHeardItself = true;
      else onNotice(notice);
    } catch (error) {
      onError(error);
    }
  }

  /** A connection may hang without being closed. Who no longer hears themselves is deaf for the others, too. */
  function probe(): void {
    if (!hasHeardItself) listener.reopen();
    hasHeardItself = false;
    notify(EMPTY_NOTICE).catch(onError);
  }

  const listener = keepListening({ db, channel: CHANNEL, onMessage: receive, onListening, onError });
  const notifier = createNotifier({ notify, onError });
  const probing = setInterval(probe, probeMs).unref();
  return {
    send: notifier.send,
    async stop() {
      clearInterval(probing);
      await notifier.stop();
      await listener.stop();
    },
  };
}
