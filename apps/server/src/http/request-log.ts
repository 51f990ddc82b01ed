import { newId } from "@guildhall/shared";
import type { MiddlewareHandler } from "hono";
import type { Logger } from "pino";
import type { HttpVariables } from "./variables.ts";

/** A proxy's id is taken over only in this form, so that nobody writes into the log what they please. */
const FOREIGN_ID = /^[\w-]{8,64}$/;

/** The id of a request: the one that a proxy gave it, or a new one. */
export function requestIdFrom(given: string | string[] | undefined): string {
  return typeof given === "string" && FOREIGN_ID.test(given) ? given : newId();
}

/** How a request ended. */
export interface RequestEnd {
  requestId: string;
  method: string;
  path: string;
  status: number;
  /** By performance.now(), in milliseconds. */
  startedMs: number;
}

/** Logs the end of a request. */
export function logEnd(log: Logger, { requestId, method, path, status, startedMs }: RequestEnd): void {
  const durationMs = Math.round(performance.now() - startedMs);
  const facts = { requestId, method, path: withoutSecrets(path), status, durationMs };
  if (status >= 500) log.error(facts, "request failed");
  else if (path.startsWith("/assets/")) log.debug(facts, "request");
  else log.info(facts, "request");
}

/** Gives every request an id, in the answer's header and in every line about it, and logs its end. */
export function requestLog(log: Logger): MiddlewareHandler<{ Variables: HttpVariables }> {
  return async (c, next) => {
    const requestId = requestIdFrom(c.req.header("x-request-id"));
    c.set("requestId", requestId);
    const startedMs = performance.now();
    await next();
    c.res.headers.set("x-request-id", requestId);
    const { method, path } = c.req;
    logEnd(log, { requestId, method, path, status: c.res.status, startedMs });
  };
}

/** Tokens of links that came by mail stand in their paths. */
function withoutSecrets(path: string): string {
  return path
    .replace(/\binv_[0-9a-f]+_[\w-]+/, "inv_…")
    .replace(/^\/(verify-email|reset-password|confirm-email)\/[^/.]+/, "/$1/…");
}
