import { connect, type Socket } from "node:net";

/** An answer, as far as a load generator looks at it. */
export interface Answer {
  status: number;
  body: string;
}

const READ_BYTES = 64 * 1024;

/**
 * One kept-alive HTTP/1.1 connection with one request at a time. Much cheaper than a real client: the generator runs on
 * the same cores as what it measures, and takes from it what it uses itself.
 */
export class HttpConnection {
  private readonly socket: Socket;
  private received = "";
  private waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  private constructor(port: number) {
    const callback = (length: number, buffer: Uint8Array) => {
      this.receive((buffer as Buffer).toString("latin1", 0, length));
      return true;
    };
    // One buffer for all reads: Node else makes one of this size for each.
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true, onread: { buffer, callback } });
    this.socket.on("error", (error) => this.waiting?.reject(error));
    this.socket.on("close", () => this.waiting?.reject(new Error("The server closed the connection.")));
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const connection = new HttpConnection(port);
      connection.socket.once("error", reject);
      connection.socket.once("connect", () => resolve(connection));
    });
  }

  /** Sends a whole request, of ASCII, and resolves with its answer. One at a time. */
  send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(request, "latin1");
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(text: string): void {
    this.received = this.received === "" ? text : this.received + text;
    const answer = readAnswer(this.received);
    if (!answer) return;
    this.received = "";
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(answer);
  }
}

/** All connections read into it, one after the other. */
const buffer = Buffer.allocUnsafe(READ_BYTES);
const LENGTH = /\r\ncontent-length: (\d+)/i;

/** An answer when all of it is there. */
function readAnswer(text: string): Answer | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const status = Number(text.slice(9, 12));
  const body = text.slice(headEnd + 4);
  const length = LENGTH.exec(text)?.[1];
  if (length !== undefined) return body.length < Number(length) ? undefined : { status, body };
  if (!/\r\ntransfer-encoding: chunked/i.test(text)) return { status, body: "" };
  return body.endsWith("0\r\n\r\n") ? { status, body } : undefined;
}

/** Makes the texts of POSTs of JSON to one path; what is the same in all of them is put together once. */
export function createPost(path: string, headers: Record<string, string> = {}): (body: string) => string {
  const all = { host: "localhost", "content-type": "application/json", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\n${lines.join("")}content-length: `;
  return (body) => `${head}${body.length}\r\n\r\n${body}`;
}
