import { connect, type Socket } from "node:net";
import { clientFrame, FrameReader } from "./frame-reader.ts";

/** Which protocol is spoken over the WebSocket. */
export type Protocol = { kind: "trpc"; subscribe: string } | { kind: "socket.io" };

export interface WatcherOptions {
  port: number;
  path: string;
  headers: Record<string, string>;
  protocol: Protocol;
  /** Gets the payload of every event. */
  onEvent(payload: Buffer): void;
}

const TEXT = 1;
const PONG = 10;
/** Answers of the protocols themselves are shorter, events of this benchmark longer. */
const SHORTEST_EVENT_BYTES = 100;

/**
 * One watcher, on a bare socket: handshake, subscription, frames. The same for all servers and much cheaper than a real
 * client, for it runs on the same cores as what it measures.
 */
export class Watcher {
  private readonly socket: Socket;
  private readonly options: WatcherOptions;
  private readonly reader: FrameReader;
  private isUpgraded = false;
  private head = "";
  private onReady: () => void = () => {};
  private onFailure: (error: Error) => void = () => {};

  private constructor(options: WatcherOptions) {
    this.options = options;
    this.reader = new FrameReader({
      onText: (payload) => this.receive(payload),
      onPing: (payload) => this.socket.write(clientFrame(PONG, Buffer.from(payload))),
    });
    this.socket = connect(options.port, "127.0.0.1").setNoDelay(true);
    this.socket.on("connect", () => this.socket.write(upgradeText(options)));
    this.socket.on("data", (chunk) => (this.isUpgraded ? this.reader.push(chunk) : this.receiveHead(chunk)));
    this.socket.on("error", (error) => this.onFailure(error));
    this.socket.on("close", () => this.onFailure(new Error("The server closed a watcher's socket.")));
  }

  /** Resolves when the server has confirmed the subscription. */
  static open(options: WatcherOptions): Promise<Watcher> {
    return new Promise((resolve, reject) => {
      const watcher = new Watcher(options);
      watcher.onReady = () => resolve(watcher);
      watcher.onFailure = reject;
    });
  }

  close(): void {
    this.onFailure = () => {};
    this.socket.destroy();
  }

  private receiveHead(chunk: Buffer): void {
    this.head += chunk.toString("latin1");
    const end = this.head.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!this.head.startsWith("HTTP/1.1 101")) {
      this.onFailure(new Error(`Not upgraded: ${this.head}`));
      return;
    }
    this.isUpgraded = true;
    const { protocol } = this.options;
    if (protocol.kind === "trpc") this.send(protocol.subscribe);
    const rest = Buffer.from(this.head.slice(end + 4), "latin1");
    if (rest.length > 0) this.reader.push(rest);
  }

  private receive(payload: Buffer): void {
    if (payload.length >= SHORTEST_EVENT_BYTES && payload[0] !== ZERO) this.options.onEvent(payload);
    else this.receiveAnswer(payload.toString("latin1"));
  }

  /** What the protocols say beside events. */
  private receiveAnswer(text: string): void {
    if (this.options.protocol.kind === "trpc") {
      if (text.includes('"started"')) this.onReady();
      else if (text.includes('"error"')) this.onFailure(new Error(`Refused: ${text}`));
    } else if (text.startsWith("0{")) this.send("40");
    else if (text.startsWith("40")) this.onReady();
    else if (text === "2") this.send("3");
  }

  private send(text: string): void {
    this.socket.write(clientFrame(TEXT, Buffer.from(text)));
  }
}

/** What engine.io's first packet begins with, "0{…}", which is long. */
const ZERO = 0x30;

function upgradeText({ port, path, headers }: WatcherOptions): string {
  const all = {
    Host: `localhost:${port}`,
    Origin: `http://localhost:${port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "Z3VpbGRoYWxsLWJlbmNoIQ==",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}
