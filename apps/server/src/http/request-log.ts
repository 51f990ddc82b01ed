import { newId } from "@guildhall/shared";
import type { MiddlewareHandler } from "hono";
import type { Logger } from "pino";
import type { HttpVariables } from "./variables.ts";

/** A proxy's id is taken over only in this form, so that nobody writes into the log what they please. */
const FOREIGN_ID = /^[\w-]{8,64}$/;

/** Gives every request an id, in the answer's header and in every line about it, and logs its end. */
export function requestLog(log: Logger): MiddlewareHandler<{ Variables: HttpVariables }> {
  return async (c, next) => {
    const given = c.req.header("x-request-id");
    const requestId = given && FOREIGN_ID.test(given) ? given : newId();
    c.set("requestId", requestId);
    const startedAt = performance.now();
    await next();
    c.res.headers.set("x-request-id", requestId);
    const facts = {
      requestId,
      method: c.req.method,
      path: withoutSecrets(c.req.path),
      status: c.res.status,
      durationMs: Math.round(performance.now() - startedAt),
    };
    if (c.res.status >= 500) log.error(facts, "request failed");
    else if (c.req.path.startsWith("/assets/")) log.debug(facts, "request");
    else log.info(facts, "request");
  };
}

/** An invite's token stands in its path. */
function withoutSecrets(path: string): string {
  return path.replace(/\binv_[0-9a-f]+_[\w-]+/, "inv_…");
}
