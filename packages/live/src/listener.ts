import { type Database, openDatabase } from "@guildhall/db";

export interface ListenerOptions {
  /** The database whose channel to listen to. The connection is one of the listener's own. */
  db: Database;
  channel: string;
  onMessage(text: string): void;
  /** Listening has begun, or begun again: whatever was sent in between is lost. */
  onListening(): void;
  onError(error: unknown): void;
}

export interface Listener {
  /** Gives up the connection, which has proved dead, and makes a new one. */
  reopen(): void;
  stop(): Promise<void>;
}

const RETRY_MS = 1_000;

/**
 * Listens to a channel and keeps at it. The driver renews a connection that was closed, but not one whose first attempt
 * failed, nor one that hangs: for these a whole new client is made.
 */
export function keepListening({ db, channel, onMessage, onListening, onError }: ListenerOptions): Listener {
  let client: Database | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function open(): Promise<void> {
    const opened = openDatabase({ url: db.url, maxConnections: 1, applicationName: "guildhall-live" });
    client = opened;
    const isCurrent = () => client === opened && !isStopped;
    try {
      await opened.sql.listen(
        channel,
        (text) => isCurrent() && onMessage(text),
        () => isCurrent() && onListening(),
      );
    } catch (error) {
      if (!isCurrent()) return;
      onError(error);
      retry = setTimeout(reopen, RETRY_MS).unref();
    }
  }

  function close(): Promise<void> | undefined {
    clearTimeout(retry);
    const closing = client?.close(0).catch(onError);
    client = undefined;
    return closing;
  }

  function reopen(): void {
    void close();
    if (!isStopped) void open();
  }

  void open();
  return {
    reopen,
    async stop() {
      isStopped = true;
      await close();
    },
  };
}
