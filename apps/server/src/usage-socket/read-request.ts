import { BODY_LIMIT_BYTES } from "../http/request-body.ts";
import { USAGE_PATH } from "../http/usage-fast-path.ts";

/** A whole request to report a use, as it was sent. */
export interface UsageRequest {
  /** Its headers as they stand in the head; see listHeaders. */
  headerLines: string;
  authorization: string | undefined;
  /** Of application/json and nothing else beside it. */
  isJson: boolean;
  requestId: string | undefined;
  body: Buffer;
  /** Where the next request begins. */
  end: number;
}

/** The beginning of a request that may be ours: what of it is missing, and how many bytes it takes at the least to learn more. */
export interface PartialRequest {
  missing: "head" | "body";
  needed: number;
}

/** What bytes turned out to be; "foreign" is what Node's own parser is for. */
export type Reading = { request: UsageRequest } | PartialRequest | "foreign";

const REQUEST_LINE = `POST ${USAGE_PATH} HTTP/1.1\r\n`;
const HEAD_END = "\r\n\r\n";
const HEAD_LIMIT_BYTES = 8_192;
/** Node refuses heads of more than a thousand lines. */
const MOST_HEADERS = 200;
/** Visible ASCII, spaces and tabs; no folded lines, nothing between a name and its colon. */
const LINE = /([!#$%&'*+.^_`|~\w-]+):([\t -~]*)\r\n/y;
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const LENGTH = /^\d{1,6}$/;

/** What changes how a message is framed or its connection used, or asks for an answer before the body. */
const FOREIGN = new Set([
  "transfer-encoding",
  "trailer",
  "te",
  "upgrade",
  "expect",
  "proxy-connection",
  "http2-settings",
]);

/**
 * Makes the reader of one connection. It reads the request that bytes begin with, if it is a plain POST of a use: a head of visible
 * ASCII, framed by one Content-Length and nothing else, with a small body. All that can be read in two ways (two lengths, chunks, bare
 * line feeds, folded lines) is foreign, and so is whatever is not sure to be ours: Node's parser then gets the very same bytes.
 *
 * Programs send the same head again and again: one that is, byte by byte, the one before is not read again.
 */
export function createRequestReader(): (bytes: Buffer) => Reading {
  let known: { bytes: Buffer; head: Head } | undefined;

  return function readRequest(bytes) {
    if (known && isAtStart(known.bytes, bytes)) return readBody(bytes, known.bytes.length, known.head);
    const text = bytes.toString("latin1", 0, Math.min(bytes.length, HEAD_LIMIT_BYTES));
    const more: Reading = { missing: "head", needed: text.length + 1 };
    if (!text.startsWith(REQUEST_LINE)) return REQUEST_LINE.startsWith(text) ? more : "foreign";
    const headEnd = text.indexOf(HEAD_END, REQUEST_LINE.length - 2);
    if (headEnd < 0) return text.length < HEAD_LIMIT_BYTES ? more : "foreign";
    const head = readHead(text, headEnd + 2);
    if (!head) return "foreign";
    const bodyAt = headEnd + HEAD_END.length;
    known = { bytes: Buffer.from(bytes.subarray(0, bodyAt)), head };
    return readBody(bytes, bodyAt, head);
  };
}

function isAtStart(start: Buffer, bytes: Buffer): boolean {
  return bytes.length >= start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0;
}

function readBody(bytes: Buffer, bodyAt: number, head: Head): Reading {
  const end = bodyAt + head.length;
  if (end > bytes.length) return { missing: "body", needed: end };
  const { headerLines, authorization, isJson, requestId } = head;
  return { request: { headerLines, authorization, isJson, requestId, body: bytes.subarray(bodyAt, end), end } };
}

interface Head extends Omit<UsageRequest, "body" | "end"> {
  length: number;
}

/** Undefined for a head that is not plain. */
function readHead(text: string, end: number): Head | undefined {
  const known: KnownHeaders = { ...NONE };
  LINE.lastIndex = REQUEST_LINE.length;
  for (let count = 1; LINE.lastIndex < end; count += 1) {
    const line = LINE.exec(text);
    if (!line || count > MOST_HEADERS) return undefined;
    const lower = (line[1] as string).toLowerCase();
    if (FOREIGN.has(lower)) return undefined;
    if (isKnown(lower)) {
      if (known[lower] !== undefined) return undefined; // Of the others neither way makes anything.
      known[lower] = (line[2] as string).trim();
    }
  }
  const length = known["content-length"] ?? "";
  if (!isPlainHost(known.host ?? "") || (known.connection ?? KEEP).toLowerCase() !== KEEP) return undefined;
  if (!LENGTH.test(length) || Number(length) > BODY_LIMIT_BYTES) return undefined;
  const { authorization, "content-type": type, "x-request-id": requestId } = known;
  const headerLines = text.slice(REQUEST_LINE.length, end);
  return { headerLines, authorization, isJson: type === "application/json", requestId, length: Number(length) };
}

let lastPlainHost = "localhost";

/** Whether it is the host of a URL, as it is written there: Node's way refuses some others. The same one comes again and again. */
function isPlainHost(host: string): boolean {
  if (host === lastPlainHost) return true;
  const name = HOST.exec(host)?.[1];
  if (name === undefined || URL.parse(`http://${host}`)?.hostname !== name.toLowerCase()) return false;
  lastPlainHost = host;
  return true;
}

/** Names and values of the headers of a request that was read. */
export function listHeaders(headerLines: string): [name: string, value: string][] {
  const lines = headerLines.split("\r\n").slice(0, -1);
  return lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
}

const KEEP = "keep-alive";
const NONE = {
  host: undefined,
  connection: undefined,
  "content-length": undefined,
  "content-type": undefined,
  authorization: undefined,
  "x-request-id": undefined,
};
type KnownHeaders = Record<keyof typeof NONE, string | undefined>;

function isKnown(name: string): name is keyof typeof NONE {
  return Object.hasOwn(NONE, name);
}
