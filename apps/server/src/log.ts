import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import { describeForLog } from "./describe-for-log.ts";
import type { Environment } from "./env.ts";

/** The server's log: one JSON object per line, or readable lines on a terminal. Never carries tokens, keys or bodies. */
export function createLog(environment: Pick<Environment, "LOG_LEVEL" | "LOG_FORMAT">): Logger {
  const isPretty = environment.LOG_FORMAT === "pretty" || (environment.LOG_FORMAT === "auto" && process.stdout.isTTY);
  const options = {
    level: environment.LOG_LEVEL,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeForLog },
  };
  return isPretty ? pino(options, pretty({ sync: true, colorize: true })) : pino(options);
}
