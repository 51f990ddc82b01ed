import { Logger } from "graphile-worker";
import type { Logger as Log } from "pino";

const LEVELS = { error: "error", warning: "warn", info: "debug", debug: "trace" } as const;

/**
 * The queue's log lines in ours. What it tells of every job is detail here; its metadata stays out, since it carries whole
 * jobs and connection options.
 */
export function workerLog(log: Log): Logger {
  return new Logger((scope) => (level, message) => {
    const { taskIdentifier: task, jobId } = scope;
    log[LEVELS[level]]({ ...(task && { task }), ...(jobId && { jobId }) }, `jobs: ${message}`);
  });
}
