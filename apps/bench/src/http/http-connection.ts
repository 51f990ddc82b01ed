import { connect, type Socket } from "node:net";

/** An answer, as far as a load generator looks at it. */
export interface Answer {
  status: number;
  body: string;
}

/**
 * One kept-alive HTTP/1.1 connection with one request at a time. Much cheaper than a real client: the generator runs on
 * the same cores as what it measures.
 */
export class HttpConnection {
  private readonly socket: Socket;
  private received = "";
  private waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true).setEncoding("latin1");
    socket.on("data", (text: string) => this.receive(text));
    socket.on("error", (error) => this.waiting?.reject(error));
    socket.on("close", () => this.waiting?.reject(new Error("The server closed the connection.")));
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("connect", () => resolve(new HttpConnection(socket)));
    });
  }

  /** Sends a whole request as text and resolves with its answer. One at a time. */
  send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(text: string): void {
    this.received += text;
    const headEnd = this.received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.received.slice(0, headEnd).toLowerCase();
    const body = bodyIn(head, this.received.slice(headEnd + 4));
    if (body === undefined) return;
    this.received = "";
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }
}

/** The body when all of it is there. */
function bodyIn(head: string, rest: string): string | undefined {
  const length = /content-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) return rest.length >= Number(length) ? rest : undefined;
  if (!head.includes("transfer-encoding: chunked")) return "";
  return rest.endsWith("0\r\n\r\n") ? rest : undefined;
}

/** The text of a POST of JSON. */
export function postText(path: string, body: string, headers: Record<string, string> = {}): string {
  const all = {
    host: "localhost",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
