import { setTimeout as sleep } from "node:timers/promises";
import { openQueueConnections, type QueueConnections } from "@guildhall/db/queue";
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
const RESTART_DELAY_MS = 5_000;

/**
 * Installs the queue where it is missing and works it off in this process. Many servers may do so at once. Should the queue
 * fail as a whole, it is started again; what is to be done stands in our own tables meanwhile.
 * @throws when the queue cannot be installed; nothing is left running
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const connections = openQueueConnections(options.ownerUrl, (err) =>
    options.log.debug({ err }, "the queue lost a connection"),
  );
  const stopping = new AbortController();
  let runner: Runner | undefined = await startRunner(options, connections.pool).catch(async (error) => {
    await connections.close();
    throw error;
  });
  const watching = watch();

  async function watch(): Promise<void> {
    for (;;) {
      const err = await runner?.promise.catch((error: unknown) => error);
      if (stopping.signal.aborted) return;
      options.log.error({ err }, "the job queue has ended; it is started again");
      await sleep(RESTART_DELAY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      runner = await startRunner(options, connections.pool).catch((error: unknown) => {
        options.log.error({ err: error }, "the job queue could not be started");
        return undefined;
      });
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await stopRunner(runner);
    await watching;
    await stopRunner(runner); // One that was being started in this very moment.
    await connections.close();
  }

  let stopped: Promise<void> | undefined;
  return {
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Stopping what has ended already is no fault. */
async function stopRunner(runner: Runner | undefined): Promise<void> {
  await runner?.stop().catch(() => undefined);
}

async function startRunner(options: WorkerOptions, pgPool: QueueConnections["pool"]): Promise<Runner> {
  const { ownerUrl: _, log, pollIntervalMs = POLL_INTERVAL_MS, finishMs = FINISH_MS, ...tools } = options;
  const runner = await run({
    pgPool,
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
