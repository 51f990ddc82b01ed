import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type AcceptUse,
  type ApiKeyActor,
  type ApiKeys,
  type ReportedUsage,
  readReportedUsage,
} from "@guildhall/api/server";
import { type DomainError, isDomainError } from "@guildhall/shared";
import type { Logger } from "pino";
import { createAccessLog } from "./access-log.ts";
import { readBearerKey } from "./bearer-key.ts";
import { BODY_LIMIT_BYTES } from "./request-body.ts";
import { requestIdFrom } from "./request-log.ts";
import { REST_HEADERS, toRefusal } from "./rest-errors.ts";
import { writeUsage } from "./rest-usage-items.ts";
import { plainAnswerHeaders } from "./security-headers.ts";
import type { UsageRoom } from "./usage-room.ts";

const PATH = "/api/v1/usage";

/** A request whose body may have been read already, in the form in which Hono's adapter looks for one. */
export type ReadRequest = IncomingMessage & { rawBody?: Buffer };

export type Answer = (request: ReadRequest, response: ServerResponse) => void;

export interface UsageFastPathOptions {
  apiKeys: ApiKeys;
  acceptUse: AcceptUse;
  /** The room that single uses share, whichever way they take. */
  singleUses: UsageRoom;
  publicUrl: string;
  log: Logger;
}

/** What is known of a request before its body has come. */
interface Begun {
  key: string;
  actor: ApiKeyActor;
  requestId: string;
  startedMs: number;
}

/**
 * The short way of POST /api/v1/usage, in front of everything else: the one request that comes by the thousands. It works on Node's own
 * request, without the objects and the middleware that pages need, and takes only what nearly all of them are: a known key, a body
 * of JSON that is announced and small, a valid report of a new use that the wallet can pay. Whatever turns out to be anything else is
 * handed on to `answer`, with its body where that was read, and is answered as if this way were not there. It refuses nothing
 * itself, but for being busy. No use is charged twice by that: both ways charge under the report's own key.
 *
 * The API key is recalled, not read. The transaction that charges the use refuses it if the key may not spend by then, so authority
 * is read after all, once for a whole batch of uses.
 */
export function createUsageFastPath(options: UsageFastPathOptions, answer: Answer): Answer {
  const { apiKeys, acceptUse, singleUses } = options;
  const end = createEnd(options);

  async function answerUse(begun: Begun, reported: ReportedUsage): Promise<string | DomainError | undefined> {
    const { organizationId } = begun.actor;
    try {
      singleUses.enter(organizationId, 1);
    } catch {
      return undefined; // Who is refused for want of room learns it after their key was read.
    }
    try {
      const recorded = await acceptUse(begun.actor, reported);
      return recorded && writeUsage(recorded);
    } catch (error) {
      if (!isDomainError(error)) return undefined;
      if (error.code === "overloaded") return error;
      // The other way reads the key, and what it reads is remembered again.
      if (error.code === "invalid_api_key" || error.code === "organization_inactive") apiKeys.forget(begun.key);
      return undefined;
    } finally {
      singleUses.leave(organizationId, 1);
    }
  }

  return function answerFast(request, response) {
    const begun = begin(request, apiKeys);
    if (!begun) return answer(request, response);
    readBody(request, (body) => {
      const handOver = () => answer(Object.assign(request, { rawBody: body }), response);
      const reported = readReport(body);
      if (!reported) return handOver();
      void answerUse(begun, reported).then((answered) => {
        if (answered === undefined) handOver();
        else end(response, begun, answered);
      });
    });
  };
}

/** Undefined for whatever is not plainly a use reported with a key that is known. */
function begin(request: IncomingMessage, apiKeys: ApiKeys): Begun | undefined {
  if (request.url !== PATH || request.method !== "POST" || !hasPlainHead(request)) return undefined;
  const { authorization, "x-request-id": given } = request.headers;
  const key = readBearerKey(authorization);
  const actor = apiKeys.recall(key);
  // A key's scopes never change, so what is remembered of them is exact. Who lacks this one is told so on the other way.
  if (!actor?.scopes.includes("usage:write")) return undefined;
  return { key, actor, requestId: requestIdFrom(given), startedMs: performance.now() };
}

const ANNOUNCED = /^\d{1,15}$/;

/** JSON, of an announced and small length. Node's parser passes on no more than was announced. */
function hasPlainHead({ headers, rawHeaders }: IncomingMessage): boolean {
  const announced = headers["content-length"];
  return (
    headers["content-type"] === "application/json" &&
    headers["transfer-encoding"] === undefined &&
    announced !== undefined &&
    ANNOUNCED.test(announced) &&
    Number(announced) <= BODY_LIMIT_BYTES &&
    !isRepeated(rawHeaders)
  );
}

/** Node drops the second of these headers, the normal way reads both as one: then it is for that one to judge. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] as string;
    if (name.length === "authorization".length || name.length === "content-type".length) {
      const lower = name.toLowerCase();
      if (lower === "authorization" || lower === "content-type") count += 1;
    }
  }
  return count > 2;
}

/** Hands out the body when all of it is there; never, when the client is gone before. */
function readBody(request: IncomingMessage, onBody: (body: Buffer) => void): void {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  request.on("data", (chunk: Buffer) => {
    if (!first) first = chunk;
    else if (more) more.push(chunk);
    else more = [first, chunk];
  });
  request.on("end", () => onBody(more ? Buffer.concat(more) : (first ?? Buffer.alloc(0))));
}

function readReport(body: Buffer): ReportedUsage | undefined {
  try {
    const read = readReportedUsage(JSON.parse(body.toString()));
    return "reported" in read ? read.reported : undefined;
  } catch {
    return undefined;
  }
}

/** Makes the end of a request: its answer and its line in the log. */
function createEnd({ publicUrl, log }: UsageFastPathOptions) {
  const logQuickly = createAccessLog(log);
  const fixed = Object.entries({ ...plainAnswerHeaders(publicUrl), ...REST_HEADERS }).flat();

  return function end(response: ServerResponse, { requestId, startedMs }: Begun, answered: string | DomainError): void {
    const { status, headers, text } = typeof answered === "string" ? charged(answered) : refused(answered, requestId);
    const length = String(Buffer.byteLength(text, ENCODING));
    response.writeHead(status, fixed.concat(headers, "x-request-id", requestId, "content-length", length));
    response.end(text, ENCODING);
    logQuickly({ requestId, method: "POST", path: PATH, status, startedMs });
  };
}

/** Of texts that are ASCII, whose characters are bytes: nobody has to look at each of them. */
const ENCODING = "latin1";

function charged(text: string) {
  return { status: 201, headers: [], text };
}

function refused(refusal: DomainError, requestId: string) {
  const { status, headers, body } = toRefusal(refusal, requestId);
  return { status, headers: Object.entries(headers).flat(), text: JSON.stringify(body) };
}
