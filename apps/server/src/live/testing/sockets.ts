import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { AppRouter } from "@guildhall/api/server";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { LivePortal, SignedInPerson } from "./live-portal.ts";

type Address = Pick<LivePortal, "port" | "origin">;

/** A TCP connection that says whatever it is told to. */
export async function openRaw({ port }: Pick<Address, "port">): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => {}); // Being cut off is what these tests provoke.
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Sends text and returns everything that comes back until the other side ends or the head of an answer is complete. */
export async function ask(address: Pick<Address, "port">, text: string): Promise<string> {
  const socket = await openRaw(address);
  const answer = readHead(socket);
  socket.write(text);
  return answer;
}

function readHead(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.includes("\r\n\r\n")) resolve(text);
    });
    socket.once("close", () => resolve(text));
  });
}

/** The text of an upgrade request; a header that is null is left out. */
export function upgradeText(
  { port, origin }: Address,
  { target = "/live", method = "GET", headers = {} }: UpgradeText = {},
): string {
  const all = {
    Host: `localhost:${port}`,
    Origin: origin,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

export interface UpgradeText {
  target?: string;
  method?: string;
  headers?: Record<string, string | null>;
}

/** A TCP connection that has become a WebSocket, for sending frames that no library would. */
export async function openRawUpgraded(address: Address, person: SignedInPerson): Promise<Socket> {
  const socket = await openRaw(address);
  const head = readHead(socket);
  socket.write(upgradeText(address, { headers: { Cookie: person.cookie } }));
  const answer = await head;
  if (!answer.startsWith("HTTP/1.1 101")) throw new Error(`not upgraded: ${answer}`);
  return socket;
}

/** A well-behaved WebSocket. Rejects with the status of the refusal. */
export async function openSocket(address: Address, person?: SignedInPerson): Promise<WebSocket> {
  const headers = person ? { Cookie: person.cookie } : {};
  const socket = new WebSocket(`ws://localhost:${address.port}/live`, { origin: address.origin, headers });
  onTestFinished(() => socket.terminate());
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** Collects what a socket receives, parsed, and how it was closed. */
export function record(socket: WebSocket) {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape
  const messages: any[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  socket.on("message", (data) => messages.push(parse(String(data))));
  return { messages, closed };
}

function parse(text: string): unknown {
  return text === "PONG" ? text : JSON.parse(text);
}

/** A browser's client: the real one, with the person's cookie. `drop` cuts its connection as a bad network would. */
export function givenClient({ port, origin }: Address, person: SignedInPerson) {
  const sockets: WebSocket[] = [];
  class CookieSocket extends WebSocket {
    constructor(url: string) {
      super(url, { origin, headers: { Cookie: person.cookie } });
      this.on("error", () => {}); // The client retries by itself.
      sockets.push(this);
    }
  }
  const client = createWSClient({
    url: `ws://localhost:${port}/live`,
    WebSocket: CookieSocket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 5,
  });
  onTestFinished(() => client.close());
  const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client })] });
  return { trpc, drop: () => sockets.at(-1)?.terminate() };
}
