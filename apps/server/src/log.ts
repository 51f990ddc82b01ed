import { type DestinationStream, type Logger, pino } from "pino";
import pretty from "pino-pretty";
import { describeForLog } from "./describe-for-log.ts";
import type { Environment } from "./env.ts";

/** The server's log: one JSON object per line, or readable lines on a terminal. Never carries tokens, keys or bodies. */
export function createLog(
  environment: Pick<Environment, "LOG_LEVEL" | "LOG_FORMAT">,
  output: DestinationStream = pino.destination({ fd: process.stdout.fd, sync: true }),
): Logger {
  const isPretty = environment.LOG_FORMAT === "pretty" || (environment.LOG_FORMAT === "auto" && process.stdout.isTTY);
  const options = {
    level: environment.LOG_LEVEL,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeForLog },
  };
  if (isPretty) return pino(options, pretty({ sync: true, colorize: true }));
  const log = pino(options, output);
  writers.set(log, (lines) => output.write(lines));
  return log;
}

const writers = new WeakMap<Logger, (lines: string) => void>();

/** Writes whole lines of JSON behind a log that was created here; undefined for any other, and for lines that people read. */
export function lineWriterOf(log: Logger): ((lines: string) => void) | undefined {
  return writers.get(log);
}
