import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { createAccessLog } from "./access-log.ts";
import { BODY_LIMIT_BYTES } from "./request-body.ts";
import { REST_HEADERS } from "./rest-errors.ts";
import { plainAnswerHeaders } from "./security-headers.ts";
import type { Begun, ShortAnswer, ShortUse } from "./short-use.ts";

/** Where a use is reported. */
export const USAGE_PATH = "/api/v1/usage";

/** A request whose body may have been read already, in the form in which Hono's adapter looks for one. */
export type ReadRequest = IncomingMessage & { rawBody?: Buffer };

export type Answer = (request: ReadRequest, response: ServerResponse) => void;

export interface UsageFastPathOptions {
  shortUse: ShortUse;
  publicUrl: string;
  log: Logger;
}

/**
 * The short way of POST /api/v1/usage on Node's own request, in front of everything else, without the objects and the middleware that
 * pages need. It takes only what nearly all such requests are: a plain head, a body of JSON that is announced and small, and what
 * the short use takes. Whatever turns out to be anything else is handed on to `answer`, with its body where that was read, and
 * is answered as if this way were not there. No use is charged twice by that: both ways charge under the report's own key.
 */
export function createUsageFastPath(options: UsageFastPathOptions, answer: Answer): Answer {
  const { shortUse } = options;
  const end = createEnd(options);

  return function answerFast(request, response) {
    const begun = begin(request, shortUse);
    if (!begun) return answer(request, response);
    readBody(request, async (body) => {
      const answered = await shortUse.charge(begun, body);
      if (answered) end(response, begun, answered);
      else answer(Object.assign(request, { rawBody: body }), response);
    });
  };
}

/** Undefined for whatever is not plainly a use reported with a key that is known. */
function begin(request: IncomingMessage, shortUse: ShortUse): Begun | undefined {
  if (request.url !== USAGE_PATH || request.method !== "POST" || !hasPlainHead(request)) return undefined;
  const { authorization, "x-request-id": given } = request.headers;
  return shortUse.begin({ authorization, requestId: typeof given === "string" ? given : undefined });
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

/** Makes the end of a request: its answer and its line in the log. */
function createEnd({ publicUrl, log }: UsageFastPathOptions) {
  const logQuickly = createAccessLog(log);
  const fixed = Object.entries({ ...plainAnswerHeaders(publicUrl), ...REST_HEADERS }).flat();

  return function end(response: ServerResponse, { requestId, startedMs }: Begun, answered: ShortAnswer): void {
    const { status, headers, text } = answered;
    const length = String(Buffer.byteLength(text, ENCODING));
    response.writeHead(status, fixed.concat(headers, "x-request-id", requestId, "content-length", length));
    response.end(text, ENCODING);
    logQuickly({ requestId, method: "POST", path: USAGE_PATH, status, startedMs });
  };
}

/** Of texts that are ASCII, whose characters are bytes: nobody has to look at each of them. */
const ENCODING = "latin1";
