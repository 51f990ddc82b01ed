import { domainErrors, isDomainError } from "@guildhall/shared";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "pino";

/** Answers what middleware or a route refused or failed at: a clear sentence and the request's id, never an inside. */
export function answerError(error: Error, c: Context, log: Logger): Response {
  const requestId: string | undefined = c.get("requestId");
  if (isDomainError(error)) {
    const { retryAfterSeconds } = error.details;
    if (retryAfterSeconds !== undefined) c.header("retry-after", String(retryAfterSeconds));
    const { code, message, details } = error;
    return c.json({ error: { code, message, details, requestId } }, domainErrors[code].status);
  }
  if (error instanceof HTTPException) return error.getResponse();
  log.error({ err: error, requestId }, "a request failed");
  const message = "Something went wrong on our side. Try again in a moment.";
  return c.json({ error: { code: "internal", message, details: {}, requestId } }, 500);
}
