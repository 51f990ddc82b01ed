import { setTimeout as sleep } from "node:timers/promises";
import { sweepOutbox } from "@guildhall/mail";
import { type Runner, run } from "graphile-worker";
import type { Logger } from "pino";
import { createTasks, SCHEDULE, type TaskTools } from "./tasks.ts";
import { workerLog } from "./worker-log.ts";

/** How the worker is started. */
export interface WorkerOptions extends TaskTools {
  /** The queue's tables are the owner's: the app's role cannot touch them. */
  ownerUrl: string;
  log: Logger;
  /** How often jobs that are due later are looked for, in milliseconds; new ones are told at once. */
  pollIntervalMs?: number | undefined;
  /** How long jobs under way may finish when it stops, in milliseconds. */
  finishMs?: number | undefined;
}

/** A running worker. */
export interface Worker {
  /** Takes no more jobs, lets those under way finish for some seconds, then cuts them off. Idempotent. */
  stop(): Promise<void>;
}

const POLL_INTERVAL_MS = 10_000;
const FINISH_MS = 3_000;
const CONCURRENT_JOBS = 3;
/** One listens for new jobs, the others take and finish them. */
const CONNECTIONS = 4;
const RESTART_DELAY_MS = 5_000;

/**
 * Installs the queue where it is missing and works it off in this process. Many servers may do so at once. Should the queue
 * fail as a whole, it is started again; what is to be done stands in our own tables meanwhile.
 * @throws when the queue cannot be installed
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const stopping = new AbortController();
  let runner = await startRunner(options);
  const watch = async () => {
    while (!stopping.signal.aborted) {
      await runner.promise.catch((err: unknown) => options.log.error({ err }, "the job queue failed"));
      if (stopping.signal.aborted) return;
      await sleep(RESTART_DELAY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      runner = await startRunner(options).catch((err: unknown) => {
        options.log.error({ err }, "the job queue could not be started again");
        return runner; // Ended already: the next round waits and tries again.
      });
    }
  };
  const watching = watch();
  return {
    async stop() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      await runner.stop().catch((err: unknown) => options.log.debug({ err }, "the job queue had stopped already"));
      await watching;
    },
  };
}

async function startRunner(options: WorkerOptions): Promise<Runner> {
  const { ownerUrl, log, pollIntervalMs = POLL_INTERVAL_MS, finishMs = FINISH_MS, ...tools } = options;
  const runner = await run({
    connectionString: named(ownerUrl),
    maxPoolSize: CONNECTIONS,
    concurrency: CONCURRENT_JOBS,
    pollInterval: pollIntervalMs,
    gracefulShutdownAbortTimeout: finishMs,
    noHandleSignals: true, // The portal stops its parts in order.
    logger: workerLog(log),
    taskList: createTasks(tools),
    crontab: SCHEDULE,
  });
  // What became due while nobody was there, or before there was a queue.
  if (tools.postroom) await sweepOutbox(tools.postroom, 0);
  return runner;
}

/** So that pg_stat_activity tells its connections from the portal's. */
function named(url: string): string {
  const changed = new URL(url);
  changed.searchParams.set("application_name", "guildhall-jobs");
  return changed.href;
}
