import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRequestReader, listHeaders } from "./read-request.ts";

const HEAD = ["host: localhost", "authorization: Bearer gh_a", "content-type: application/json"];

function toBytes({ first = "POST /api/v1/usage HTTP/1.1", head = HEAD, body = "{}", more = "" } = {}): Buffer {
  const lines = [first, ...head, `content-length: ${Buffer.byteLength(body)}`];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}${more}`);
}

test("a plain report is read whole, and where the next request begins is told", () => {
  const bytes = toBytes({
    head: [...HEAD, "x-request-id:\t given-by-a-proxy ", "X-A: 1"],
    body: '{"a":1}',
    more: "POST",
  });
  const reading = createRequestReader()(bytes);
  if (typeof reading === "string" || !("request" in reading)) throw new Error("It was not read.");
  const { body, end, headerLines, ...head } = reading.request;
  expect(head).toEqual({ authorization: "Bearer gh_a", isJson: true, requestId: "given-by-a-proxy" });
  expect([body.toString(), bytes.subarray(end).toString()]).toEqual(['{"a":1}', "POST"]);
  expect(listHeaders(headerLines).slice(-3)).toEqual([
    ["x-request-id", "given-by-a-proxy"],
    ["X-A", "1"],
    ["content-length", "7"],
  ]);
});

test("of a report in parts it is told what is missing, at every byte; what is needed is never more than there is", () => {
  const bytes = toBytes({ body: '{"agent":"Süd"}' });
  const headLength = bytes.indexOf("\r\n\r\n") + 4;
  for (let length = 0; length < bytes.length; length += 1) {
    const reading = createRequestReader()(bytes.subarray(0, length));
    if (typeof reading === "string" || "request" in reading) throw new Error(`It was read at ${length}.`);
    expect(reading.missing, String(length)).toBe(length < headLength ? "head" : "body");
    expect(reading.needed).toBeGreaterThan(length);
    expect(reading.needed).toBeLessThanOrEqual(bytes.length);
  }
});

test("a head that comes again is the same one; one that differs in a byte, or ends elsewhere, is another", () => {
  const read = createRequestReader();
  const [first, other] = [HEAD.with(1, "authorization: Bearer gh_b"), HEAD.with(1, "authorization: Bearer gh_c")];
  const requests = [first, first, other, first, [...first, "x-request-id: a"], first, first.slice(0, 2), other].map(
    (head) => toBytes({ head, body: "[]" }),
  );
  for (const bytes of [...requests, toBytes({ head: other, body: "[1]" }), toBytes({ head: other, body: "[]" })]) {
    expect(read(bytes)).toEqual(createRequestReader()(bytes));
    for (const length of [1, 40, bytes.length - 3, bytes.length - 1]) {
      expect(read(bytes.subarray(0, length))).toEqual(createRequestReader()(bytes.subarray(0, length)));
    }
  }
  expect(read(toBytes({ head: [...other, "transfer-encoding: chunked"] }))).toBe("foreign");
});

const plain = { host: "host: localhost", auth: "authorization: Bearer a", type: "content-type: application/json" };

test.each([
  ["another method", toBytes({ first: "GET /api/v1/usage HTTP/1.1" })],
  ["another path", toBytes({ first: "POST /api/v1/usage/bulk HTTP/1.1" })],
  ["an older version", toBytes({ first: "POST /api/v1/usage HTTP/1.0" })],
  ["a query", toBytes({ first: "POST /api/v1/usage?a=1 HTTP/1.1" })],
  ["no host", toBytes({ head: [plain.auth, plain.type] })],
  ["two hosts", toBytes({ head: [plain.host, plain.host] })],
  ["a host that is none", toBytes({ head: ["host: a b"] })],
  ["a host that no URL can have", toBytes({ head: ["host: a:99999"] })],
  ["a host that is no address", toBytes({ head: ["host: 999.1.1.1"] })],
  ["a host that a URL writes in another way", toBytes({ head: ["host: [0:0::1]"] })],
  ["two keys", toBytes({ head: [plain.host, plain.auth, plain.auth] })],
  ["two types", toBytes({ head: [plain.host, plain.type, plain.type] })],
  ["two lengths", toBytes({ head: [plain.host, "content-length: 2"] })],
  ["two lengths in another case", toBytes({ head: [plain.host, "Content-LENGTH: 2"] })],
  ["chunks", toBytes({ head: [plain.host, "Transfer-Encoding: chunked"] })],
  ["an encoding that is no chunking", toBytes({ head: [plain.host, "transfer-encoding: identity"] })],
  ["a question before the body", toBytes({ head: [plain.host, "expect: 100-continue"] })],
  ["another protocol", toBytes({ head: [plain.host, "connection: upgrade", "upgrade: websocket"] })],
  ["the last request", toBytes({ head: [plain.host, "connection: close"] })],
  ["a list of connection options", toBytes({ head: [plain.host, "connection: keep-alive, x"] })],
  ["a folded line", toBytes({ head: [plain.host, "x-a: 1", " 2"] })],
  ["a space before the colon", toBytes({ head: [plain.host, "content-type : application/json"] })],
  ["a line without a colon", toBytes({ head: [plain.host, "x"] })],
  ["a line without a name", toBytes({ head: [plain.host, ": x"] })],
  ["a bare line feed", toBytes({ head: [plain.host, "x-a: 1\ncontent-length: 5"] })],
  ["a bare carriage return", toBytes({ head: [plain.host, "x-a: 1\rcontent-length: 5"] })],
  ["a zero", toBytes({ head: [plain.host, "x-a: \0"] })],
  ["letters beyond ASCII", toBytes({ head: [plain.host, "x-a: ü"] })],
  ["no length", Buffer.from("POST /api/v1/usage HTTP/1.1\r\nhost: a\r\n\r\n{}")],
  ["a length that is no number", Buffer.from("POST /api/v1/usage HTTP/1.1\r\nhost: a\r\ncontent-length: +2\r\n\r\n{}")],
  ["a length as a list", Buffer.from("POST /api/v1/usage HTTP/1.1\r\nhost: a\r\ncontent-length: 2, 2\r\n\r\n{}")],
  ["a body beyond the limit", toBytes({ body: "x".repeat(70_000) })],
  ["a head beyond the limit", toBytes({ head: [plain.host, `x-a: ${"x".repeat(9_000)}`] })],
  ["a head of too many lines", toBytes({ head: [plain.host, ...Array.from({ length: 1_000 }, () => "a:")] })],
  ["bytes of something else", Buffer.from([0x16, 3, 1, 0])],
  ["an empty line in front", Buffer.from(`\r\n${toBytes()}`)],
])("%s is for Node's own parser", (_, bytes) => {
  expect(createRequestReader()(bytes)).toBe("foreign");
});

/** What Node makes of the same bytes. */
interface Heard {
  request: IncomingMessage;
  body: string;
}
let server: Server;
let heard: Heard[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      heard.push({ request, body });
      response.end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => void server.close().closeAllConnections());

async function askNode(bytes: Buffer): Promise<Heard[]> {
  heard = [];
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
  socket.end(bytes);
  socket.resume();
  await new Promise((closed) => socket.once("close", closed));
  return heard;
}

const spiced = fc.constantFrom("", " ", "\t", "\r", "\n", "\r\n", ",", ":", "0", "a", "\0", "é", "chunked", "5");
const line = fc.oneof(
  fc.constantFrom(
    ...HEAD,
    "Connection: Keep-Alive",
    "content-length: 2",
    "transfer-encoding: chunked",
    "x-a:",
    "X: a b",
  ),
  fc
    .tuple(fc.constantFrom("x", "host", "content-length", "Transfer-Encoding", "connection"), spiced, spiced, spiced)
    .map(([name, one, two, three]) => `${name}${one}:${two}${three}`),
);
const request = fc.record({
  head: fc.array(line, { maxLength: 5 }),
  host: fc.constantFrom("host: localhost", "Host:  a.example:80 ", ""),
  length: fc.constantFrom("2", "02", "3", " 2 ", "0", "2\r\n "),
  body: fc.constantFrom("{}", "{}{}", "", "{}\r\n", "0\r\n\r\n"),
});

test("whatever is read here, Node reads alike: the same length, the same body, the same key and type", async () => {
  let readHere = 0;
  await fc.assert(
    fc.asyncProperty(request, async ({ head, host, length, body }) => {
      const lines = [host, ...head, `content-length: ${length}`].filter((text) => text !== "");
      const bytes = Buffer.from(`POST /api/v1/usage HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
      const reading = createRequestReader()(bytes);
      if (reading === "foreign" || !("request" in reading)) return;
      readHere += 1;
      const { request: ours } = reading;
      const [first] = await askNode(bytes.subarray(0, ours.end));
      if (!first) throw new Error("Node did not read it.");
      expect(first.body).toBe(ours.body.toString("latin1"));
      const { headers, url, method } = first.request;
      expect([method, url]).toEqual(["POST", "/api/v1/usage"]);
      expect([headers.authorization, headers["x-request-id"]]).toEqual([ours.authorization, ours.requestId]);
      expect(headers["content-type"] === "application/json").toBe(ours.isJson);
      expect(listHeaders(ours.headerLines).flat()).toEqual(first.request.rawHeaders);
    }),
    { numRuns: 3_000 },
  );
  expect(readHere).toBeGreaterThan(100);
});
