import type { Logger } from "pino";
import type { Portal } from "./portal.ts";

export interface Run {
  start(): Promise<Portal>;
  log: Logger;
  onReady?(portal: Portal): void;
  /** Says why it did not start. Default: one fatal line in the log. */
  onFailed?(error: Error): void;
}

/**
 * Runs a portal until SIGINT or SIGTERM, then stops it in order. A second signal does not wait any longer. A defect that
 * nobody caught is logged and ends the process: its state is unknown, and the next start recovers.
 */
export async function runUntilSignal({ start, log, onReady, onFailed }: Run): Promise<void> {
  const explain = onFailed ?? ((err: Error) => log.fatal({ err }, err.message));
  let isStopping = false;
  const starting = start();
  const stop = async (exitCode: number) => {
    if (isStopping) process.exit(exitCode || 130);
    isStopping = true;
    const portal = await starting.catch(() => undefined);
    await portal?.stop();
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
  for (const defect of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(defect, (err) => {
      log.fatal({ err, defect }, "a defect nobody caught");
      void stop(1);
    });
  }
  const portal = await starting.catch((error: unknown) => {
    explain(error instanceof Error ? error : new Error(String(error)));
    process.exit(1);
  });
  onReady?.(portal);
}
