import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { listenForUses, type Patience } from "./listen-for-uses.ts";
import { type ConnectionOwner, KEPT } from "./usage-connection.ts";

/** A server whose uses are answered when the test says so, in any order; everything else says "node" and what it was. */
async function given(patience?: Partial<Patience>) {
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => response.end(`node ${request.method} ${request.url} ${body}`));
  });
  server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\nupgraded"));
  const uses = listenForUses(server, {
    first: 5_000,
    next: 5_000,
    head: 5_000,
    body: 5_000,
    taking: 5_000,
    ...patience,
  });
  const asked: { body: string; answer(): void }[] = [];
  const answer: ConnectionOwner["answer"] = ({ body }, _socket, done) => {
    const text = `use ${body}`;
    const respond = () => done(`HTTP/1.1 201 Created\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    asked.push({ body: body.toString(), answer: respond });
    return body.toString().startsWith("long") ? "long" : "short";
  };
  uses.serve(answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close().closeAllConnections();
    uses.cutAll();
  });
  const open = async () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
    await once(socket, "connect");
    onTestFinished(() => void socket.destroy());
    return socket.setNoDelay(true);
  };
  return { server, uses, asked, open };
}

const use = (body: string) => `POST /api/v1/usage HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;

/** Resolves when a connection is closed, by a reset too, which `once` would reject with. */
const closed = (socket: Socket) => new Promise((done) => socket.once("close", done));

/** Collects what a connection hears: the bodies, in their order. */
function listen(socket: Socket) {
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    text += chunk;
  });
  return { bodies: () => [...text.matchAll(/(?:use|node) [^\r\n]*?(?=HTTP|\r|$)/g)].map(([body]) => body.trim()) };
}

const arrived = async (asked: unknown[], count: number) => expect.poll(() => asked.length).toBe(count);

test("requests of one packet are answered in their order, whichever is done first", async () => {
  const { asked, open } = await given();
  const socket = await open();
  const { bodies } = listen(socket);
  socket.write(use("one") + use("two") + use("three"));
  await arrived(asked, 3);
  for (const place of [2, 0]) asked[place]?.answer();
  await expect.poll(bodies).toEqual(["use one"]);
  asked[1]?.answer();
  await expect.poll(bodies).toEqual(["use one", "use two", "use three"]);
});

test("a report that comes byte by byte is one report", async () => {
  const { asked, open } = await given();
  const socket = await open();
  const { bodies } = listen(socket);
  for (const byte of use("slow") + use("again")) {
    socket.write(byte);
    await new Promise(setImmediate);
  }
  await arrived(asked, 2);
  for (const { answer } of asked) answer();
  await expect.poll(bodies).toEqual(["use slow", "use again"]);
});

test("anything else is Node's from its first byte on, after the answers that are due, and for good", async () => {
  const { asked, open } = await given();
  const socket = await open();
  const { bodies } = listen(socket);
  socket.write(`${use("one")}${get("/page")}${use("two").slice(0, 20)}`);
  await arrived(asked, 1);
  expect(bodies()).toEqual([]);
  asked[0]?.answer();
  await expect.poll(bodies).toEqual(["use one", "node GET /page"]);
  socket.write(use("two").slice(20));
  await expect.poll(bodies).toEqual(["use one", "node GET /page", "node POST /api/v1/usage two"]);
  expect(asked).toHaveLength(1);
});

test("an upgrade gets the connection, with all that came with it", async () => {
  const { open } = await given();
  const socket = await open();
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    text += chunk;
  });
  socket.write("GET /live HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n");
  await expect.poll(() => text).toContain("upgraded");
});

test("while nobody answers uses, they are Node's", async () => {
  const { uses, open } = await given();
  uses.serve(undefined);
  const socket = await open();
  const { bodies } = listen(socket);
  socket.write(use("early"));
  await expect.poll(bodies).toEqual(["node POST /api/v1/usage early"]);
});

test("who ends after the last report hears the answer, and then the end", async () => {
  const { asked, open } = await given();
  const socket = await open();
  const { bodies } = listen(socket);
  socket.end(use("last"));
  await arrived(asked, 1);
  const ended = closed(socket);
  asked[0]?.answer();
  await ended;
  expect(bodies()).toEqual(["use last"]);
});

test("who ends after more reports than may be under way hears all answers", async () => {
  const { asked, open } = await given();
  const socket = await open();
  const { bodies } = listen(socket);
  const sent = Array.from({ length: 150 }, (_, n) => `n${n}`);
  const ended = closed(socket);
  socket.end(sent.map(use).join(""));
  await arrived(asked, 64);
  await new Promise((later) => setTimeout(later, 20));
  for (let place = 0; place < sent.length; place += 1) {
    await expect.poll(() => asked.length).toBeGreaterThan(place);
    asked[place]?.answer();
  }
  await ended;
  expect(bodies()).toEqual(sent.map((body) => `use ${body}`));
});

test("who ends after something else while reports are being answered is heard by Node", async () => {
  const { server, asked, open } = await given();
  const socket = await open();
  const { bodies } = listen(socket);
  const heard = once(server, "request");
  socket.end(use("one") + get("/page"));
  await arrived(asked, 1);
  await new Promise((later) => setTimeout(later, 20));
  asked[0]?.answer();
  const [{ url }] = (await heard) as [IncomingMessage];
  expect(url).toBe("/page");
  await expect.poll(bodies).toContain("use one");
});

test("answers that are there at once change nothing: one request after them is one request", async () => {
  const { server, uses, open } = await given();
  uses.serve((_request, _socket, done) => {
    done("HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nuse a");
    return "short";
  });
  const heard: string[] = [];
  server.on("request", ({ url }) => void heard.push(url ?? ""));
  const socket = await open();
  const { bodies } = listen(socket);
  socket.write(use("a") + get("/page") + get("/last"));
  await expect.poll(bodies).toContain("node GET /last");
  expect(heard).toEqual(["/page", "/last"]);
});

test("who is gone costs nothing: its answer goes nowhere, others are served", async () => {
  const { asked, open } = await given();
  const gone = await open();
  gone.write(use("gone"));
  await arrived(asked, 1);
  gone.resetAndDestroy();
  await new Promise((later) => setTimeout(later, 50));
  asked[0]?.answer();
  const socket = await open();
  const { bodies } = listen(socket);
  socket.write(use("here"));
  await arrived(asked, 2);
  asked[1]?.answer();
  await expect.poll(bodies).toEqual(["use here"]);
});

test("one connection has so many under way and no more; the rest is read when they are answered", async () => {
  const { asked, open } = await given();
  const socket = await open();
  const { bodies } = listen(socket);
  socket.write(Array.from({ length: 300 }, (_, n) => use(`n${n} ${"x".repeat(4_000)}`)).join(""));
  await arrived(asked, 64);
  await new Promise((later) => setTimeout(later, 50));
  expect(asked).toHaveLength(64);
  for (let place = 0; place < 300; place += 1) {
    await expect.poll(() => asked.length).toBeGreaterThan(place);
    asked[place]?.answer();
  }
  await expect.poll(() => bodies().length).toBe(300);
});

test("of requests that take the long way a connection has one under way, whatever it sends; others are not kept waiting", async () => {
  const { asked, open } = await given();
  const [socket, other] = [await open(), await open()];
  const { bodies } = listen(socket);
  socket.write(use("short") + use("long 1") + use("long 2") + use("again"));
  await arrived(asked, 2);
  other.write(use("other"));
  await arrived(asked, 3);
  asked[0]?.answer();
  await expect.poll(bodies).toEqual(["use short"]);
  expect(asked.map(({ body }) => body)).toEqual(["short", "long 1", "other"]);
  asked[1]?.answer();
  await arrived(asked, 4);
  expect(asked[3]?.body).toBe("long 2");
  asked[3]?.answer();
  await arrived(asked, 5);
  asked[4]?.answer();
  await expect.poll(bodies).toEqual(["use short", "use long 1", "use long 2", "use again"]);
});

test("who sends thousands at once has a turn like everybody else: so many are answered, then others are", async () => {
  const { uses, open } = await given();
  let answered = 0;
  uses.serve((_request, _socket, done) => {
    queueMicrotask(() => {
      answered += 1;
      done("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
    });
    return "short";
  });
  const socket = await open();
  socket.resume();
  socket.write(use("x").repeat(3_000));
  let most = 0;
  for (let before = 0; answered < 3_000; before = answered) {
    await new Promise(setImmediate);
    most = Math.max(most, answered - before);
  }
  expect(most).toBeLessThanOrEqual(2 * 64);
});

test("who does not take the answers is not read on, and cut in the end", async () => {
  const { uses, asked, open } = await given({ taking: 200 });
  uses.serve((_request, _socket, done) => {
    asked.push({ body: "", answer: () => {} });
    done(`HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n${"x".repeat(1_000_000)}`);
    return "short";
  });
  const socket = await open();
  socket.pause();
  const ended = closed(socket);
  const sending = setInterval(() => socket.writable && socket.write(use("more").repeat(10)), 5);
  setTimeout(() => socket.resume(), 1_500);
  await ended;
  clearInterval(sending);
  expect(asked.length).toBeLessThan(60);
});

test.each([
  ["nothing", "first", ""],
  ["a part of a head", "head", "POST /api/v1/us"],
  ["a head and no body", "body", use("body").slice(0, -1)],
] as const)("who sends %s is cut off in time", async (_, awaited, text) => {
  const { open } = await given({ [awaited]: 150 });
  const socket = await open();
  socket.resume();
  if (text) socket.write(text);
  await closed(socket);
});

test("a connection that is done waits for its next report only so long; one that is being answered is not cut", async () => {
  const { asked, open } = await given({ next: 150, first: 10_000, head: 10_000 });
  const socket = await open();
  const { bodies } = listen(socket);
  socket.write(use("long"));
  await arrived(asked, 1);
  await new Promise((later) => setTimeout(later, 500));
  asked[0]?.answer();
  await closed(socket);
  expect(bodies()).toEqual(["use long"]);
});

test("the last answer of a connection that ends says so, and no other one does", async () => {
  const { uses, open } = await given();
  const waiting: (() => void)[] = [];
  uses.serve((_request, _socket, done) => {
    waiting.push(() => done(`HTTP/1.1 201 Created\r\ncontent-length: 0\r\n${KEPT}\r\n`));
    return "short";
  });
  const socket = await open();
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    text += chunk;
  });
  socket.write(use("one") + use("two") + use("three"));
  await arrived(waiting, 3);
  waiting[0]?.();
  uses.endAll();
  waiting[2]?.();
  waiting[1]?.();
  await closed(socket);
  expect(text.match(/connection: .*/g)).toEqual([
    "connection: keep-alive",
    "connection: keep-alive",
    "connection: close",
  ]);
});

test("a stop does not wait for idle clients that never close", async () => {
  const { server, uses } = await given();
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
  onTestFinished(() => void socket.destroy());
  const serverClosed = once(server, "close");
  await once(server, "connection");
  server.close();
  uses.endAll();
  await serverClosed;
});

test("a stop ends idle connections at once and others after their answers, and the server is closed then", async () => {
  const { server, uses, asked, open } = await given();
  const [idle, busy] = [await open(), await open()];
  const { bodies } = listen(busy);
  idle.resume();
  busy.write(use("due"));
  await arrived(asked, 1);
  const [serverClosed, idleClosed, busyClosed] = [once(server, "close"), closed(idle), closed(busy)];
  server.close();
  uses.endAll();
  await idleClosed;
  asked[0]?.answer();
  await Promise.all([busyClosed, serverClosed]);
  expect(bodies()).toEqual(["use due"]);
});
