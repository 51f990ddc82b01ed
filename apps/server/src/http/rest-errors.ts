import type { Log } from "@guildhall/api/server";
import { DomainError, type DomainErrorCode, domainErrors, isDomainError } from "@guildhall/shared";
import type { Context } from "hono";
import type { z } from "zod";

/** What every error of the interface for programs looks like. */
interface ErrorBody {
  error: {
    /** For programs: one of the closed set, or "internal" for a defect. */
    code: DomainErrorCode | "internal";
    /** For people: what happened and what to do. */
    message: string;
    /** Find it in the server's log. */
    requestId: string;
    details: Readonly<Record<string, string | number>>;
  };
}

const DEFAULT_RETRY_AFTER_SECONDS = 1;
const OUR_FAULT = "Something went wrong on our side. Send the same request again in a moment.";

/** On every answer to a program. */
export const REST_HEADERS = { "content-type": "application/json", "cache-control": "no-store" } as const;

/** A refusal as it goes over the wire. */
export interface WireRefusal {
  status: (typeof domainErrors)[DomainErrorCode]["status"];
  headers: Record<string, string>;
  body: ErrorBody;
}

/** Writes a refusal for programs. */
export function toRefusal({ code, message, details }: DomainError, requestId: string): WireRefusal {
  const { status } = domainErrors[code];
  const headers: Record<string, string> = {};
  if (status === 401) headers["www-authenticate"] = 'Bearer realm="Guildhall"';
  if (status === 429) headers["retry-after"] = String(details.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS);
  return { status, headers, body: { error: { code, message, requestId, details } } };
}

/** Answers an error: a refusal by its code's status, a defect by 500 that shows nothing of its inside and is logged. */
export function answerRestError(error: Error, c: Context, log: Log): Response {
  const requestId: string = c.get("requestId") ?? "";
  c.header("x-request-id", requestId);
  c.header("cache-control", "no-store");
  if (!isDomainError(error)) {
    log.error({ err: error, requestId, path: c.req.path }, "a request of a program failed");
    return c.json({ error: { code: "internal", message: OUR_FAULT, requestId, details: {} } } satisfies ErrorBody, 500);
  }
  const { status, headers, body } = toRefusal(error, requestId);
  return c.json(body, status, headers);
}

/** What one of many is refused with. The request's id stands in the header, once for all. */
export type RefusedItem = { status: "refused"; error: Omit<ErrorBody["error"], "requestId"> };

/** Tells why one of many was refused; a defect shows nothing of its inside and is logged. */
export function refuseItem(error: unknown, c: Context, log: Log): RefusedItem {
  if (isDomainError(error)) {
    const { code, message, details } = error;
    return { status: "refused", error: { code, message, details } };
  }
  log.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "one of many failed");
  return { status: "refused", error: { code: "internal", message: OUR_FAULT, details: {} } };
}

/** Reads a JSON body. @throws invalid_input */
export async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new DomainError("invalid_input", {}, "The body is not valid JSON.");
  }
}

/** Checks input against its schema. @throws invalid_input, with the first message of every field at fault */
export function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw toInvalidInput(result.error.issues);
}

/** Turns what a schema found into a refusal that names every field at fault. */
export function toInvalidInput(issues: readonly z.core.$ZodIssue[]): DomainError {
  const messages: Record<string, string> = {};
  for (const issue of issues) {
    // A misspelt field is at fault itself, not the object that it stands in.
    const fields = issue.code === "unrecognized_keys" ? issue.keys : [issue.path.join(".")];
    for (const field of fields) messages[field] ??= issue.message;
  }
  const message = Object.entries(messages).map(([field, text]) => (field ? `${field}: ${text}` : text))[0];
  return new DomainError("invalid_input", messages, message);
}
