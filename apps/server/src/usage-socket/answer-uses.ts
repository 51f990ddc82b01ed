import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ApiKeys } from "@guildhall/api/server";
import type { Logger } from "pino";
import { createAccessLog } from "../http/access-log.ts";
import { REST_HEADERS } from "../http/rest-errors.ts";
import { plainAnswerHeaders } from "../http/security-headers.ts";
import type { Begun, ShortAnswer, ShortUse } from "../http/short-use.ts";
import { USAGE_PATH } from "../http/usage-fast-path.ts";
import { listHeaders, type UsageRequest } from "./read-request.ts";
import { type ConnectionOwner, KEPT } from "./usage-connection.ts";

export interface UseAnswerOptions {
  apiKeys: Pick<ApiKeys, "recallOften">;
  shortUse: ShortUse;
  /** The normal way: answers whatever the short one does not. */
  answerNormally(request: Request, socket: Socket): Response | Promise<Response>;
  publicUrl: string;
  log: Logger;
}

/** Makes the answers to reported uses, as the bytes that go over the wire: most by the short way, the others by the normal one. */
export function createUseAnswer(options: UseAnswerOptions): NonNullable<ConnectionOwner["answer"]> {
  const { apiKeys, shortUse, answerNormally, publicUrl, log } = options;
  const recalls = new WeakMap<Socket, ApiKeys["recall"]>();
  const logQuickly = createAccessLog(log);
  const fixed = writeHeaders(Object.entries({ ...plainAnswerHeaders(publicUrl), ...REST_HEADERS }).flat());
  const dateLine = createDateLine();
  const charged = `${statusLine(201)}${fixed}`;

  function writeShort({ requestId, startedMs }: Begun, { status, headers, text }: ShortAnswer): string {
    logQuickly({ requestId, method: "POST", path: USAGE_PATH, status, startedMs });
    const head = status === 201 ? charged : `${statusLine(status)}${fixed}${writeHeaders(headers)}`;
    // ASCII, whose characters are bytes.
    return `${head}x-request-id: ${requestId}\r\ncontent-length: ${text.length}\r\n${dateLine()}${KEPT}\r\n${text}`;
  }

  function recallOn(socket: Socket): ApiKeys["recall"] {
    const recall = recalls.get(socket) ?? apiKeys.recallOften();
    recalls.set(socket, recall);
    return recall;
  }

  async function writeNormal({ headerLines, body }: UsageRequest, socket: Socket): Promise<string> {
    const headers = new Headers();
    for (const [name, value] of listHeaders(headerLines)) headers.append(name, value);
    const request = new Request(`http://${headers.get("host")}${USAGE_PATH}`, {
      method: "POST",
      headers,
      body: Uint8Array.from(body),
    });
    const response = await answerNormally(request, socket);
    const bytes = Buffer.from(await response.arrayBuffer());
    const own = writeHeaders([...response.headers].flat());
    const length = response.headers.has("content-length") ? "" : `content-length: ${bytes.length}\r\n`;
    return `${statusLine(response.status)}${own}${length}${dateLine()}${KEPT}\r\n${bytes.toString("latin1")}`;
  }

  return function answer(request, socket, done) {
    const normally = () => {
      writeNormal(request, socket).then(done, (error) => {
        log.error({ err: error }, "a reported use was not answered");
        socket.destroy();
      });
    };
    const begun = request.isJson ? shortUse.begin(request, recallOn(socket)) : undefined;
    if (!begun) {
      normally();
      return "long";
    }
    void shortUse.charge(begun, request.body).then((answered) => {
      if (answered) done(writeShort(begun, answered));
      else normally();
    });
    return "short";
  };
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n`;
}

function writeHeaders(pairs: readonly string[]): string {
  let lines = "";
  for (let at = 0; at < pairs.length; at += 2) lines += `${pairs[at]}: ${pairs[at + 1]}\r\n`;
  return lines;
}

/** The Date header, made anew once a second. */
function createDateLine(): () => string {
  let madeAt = 0;
  let line = "";
  return () => {
    const second = Math.floor(Date.now() / 1_000);
    if (second !== madeAt) line = `date: ${new Date(second * 1_000).toUTCString()}\r\n`;
    madeAt = second;
    return line;
  };
}
