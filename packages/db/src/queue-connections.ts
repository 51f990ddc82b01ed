import { Pool } from "pg";

/** Connections to the job queue's tables. */
export interface QueueConnections {
  /** In the queue's own driver. */
  pool: Pool;
  /** Waits until every connection is closed. */
  close(): Promise<void>;
}

/** One listens for new jobs, the others take and finish them. */
const CONNECTIONS = 4;

/**
 * Opens the job queue's own pool, as the tables' owner: for the queue's tables and nothing else; what jobs do, they do through the
 * app's pool. Left to itself the queue would let go of its connections without waiting for their end, and without anybody who
 * hears their errors: Postgres stopping a moment later would then end the process.
 */
export function openQueueConnections(ownerUrl: string, onLost: (error: Error) => void): QueueConnections {
  const pool = new Pool({ connectionString: ownerUrl, max: CONNECTIONS, application_name: "guildhall-jobs" });
  // A lost connection is replaced at its next use; what was under way reports its own failure.
  pool.on("error", onLost);
  pool.on("connect", (client) => client.on("error", onLost));
  return { pool, close: () => pool.end() };
}
