import { Pool } from "pg";
import type { Logger } from "pino";

/** One listens for new jobs, the others take and finish them. */
const CONNECTIONS = 4;

/** Connections to the queue's tables. */
export interface QueueConnections {
  pool: Pool;
  /** Waits until every connection is closed. */
  close(): Promise<void>;
}

/**
 * Opens the queue's own pool, as the tables' owner. Left to itself the queue would let go of its connections without waiting for
 * their end, and without anybody who hears their errors: Postgres stopping a moment later would then end the process.
 */
export function openQueueConnections(ownerUrl: string, log: Logger): QueueConnections {
  const pool = new Pool({ connectionString: ownerUrl, max: CONNECTIONS, application_name: "guildhall-jobs" });
  // A lost connection is replaced at its next use; what was under way reports its own failure.
  const note = (err: Error) => log.debug({ err }, "the queue lost a connection");
  pool.on("error", note);
  pool.on("connect", (client) => client.on("error", note));
  return { pool, close: () => pool.end() };
}
