import { EventEmitter } from "node:events";
import { liveCloseCodes, liveCloseReasons } from "@guildhall/live/events";
import type { Encoder } from "@trpc/server/adapters/ws";
import { type RawData, WebSocket } from "ws";
import { encodeFrame } from "./frame-encoder.ts";
import type { LiveLimits } from "./live-limits.ts";
import { createMessageGate, type MessageGate, type TooMany } from "./message-gate.ts";

/** Why a connection was ended by the server. */
export type CloseCause = keyof typeof liveCloseCodes;

/** The session that a connection was opened with. The token is kept for reading the session anew. */
export interface ConnectionSession {
  id: string;
  userId: string;
  token: string;
  expiresAt: Date;
}

export interface ConnectionOptions {
  /** Its error listener has to be in place already. */
  socket: WebSocket;
  session: ConnectionSession;
  limits: LiveLimits;
  /** Makes tRPC's answer to a request that is over a limit. */
  answerTooMany(request: TooMany): object;
  onShut(cause: CloseCause, detail: string): void;
}

/**
 * One open socket. Stands between it and tRPC's adapter: what the adapter reads has passed the gate, what it sends is
 * bounded, and when the connection is shut its subscriptions end at once.
 */
export class LiveConnection {
  readonly session: ConnectionSession;
  /** What tRPC's adapter takes for the socket. */
  readonly facade: WebSocket;
  /** What tRPC's adapter turns answers into text with; it sees every answer before it is sent. */
  readonly encoder: Encoder;
  private readonly socket: WebSocket;
  private readonly options: ConnectionOptions;
  private readonly gate: MessageGate;
  private readonly towardsTrpc = new EventEmitter();
  private message: unknown;
  private isShut = false;
  private isAlive = true;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.socket = options.socket;
    this.session = options.session;
    this.gate = createMessageGate(options.limits, () => performance.now());
    this.encoder = { encode: (answer) => this.encode(answer), decode: () => this.message };
    this.facade = this.createFacade();
    this.socket.on("message", (data, isBinary) => this.receive(data, isBinary));
    this.socket.on("pong", () => this.noteLife());
    this.socket.on("ping", () => this.receivePing());
    this.socket.once("close", () => this.endTrpc());
  }

  get subscriptionCount(): number {
    return this.gate.subscriptionCount();
  }

  /** Sends unless the connection is going. Drops a reader that lets too much wait: it resumes where it was. */
  send(text: string): void {
    if (this.isShut || this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(text);
    this.dropIfSlow();
  }

  /** Closes with a code and a reason that the page can tell apart; cuts the socket if it does not go. Idempotent. */
  shut(cause: CloseCause, detail: string = cause): void {
    if (this.isShut) return;
    const { limits, onShut } = this.options;
    onShut(cause, detail);
    const code = liveCloseCodes[cause];
    this.socket.close(code, liveCloseReasons[code]);
    const cut = setTimeout(() => this.socket.terminate(), limits.closingMs).unref();
    this.socket.once("close", () => clearTimeout(cut));
    this.endTrpc();
  }

  /**
   * Asks the socket for a sign of life, and cuts it when the last question has stayed without an answer. Says whether it
   * lives.
   */
  beat(): boolean {
    const wasAlive = this.isAlive;
    this.isAlive = false;
    if (!wasAlive) this.socket.terminate();
    else if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
    return wasAlive;
  }

  /** Resolves when the socket has closed; cuts it when it has not in time. */
  async gone(patienceMs: number): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const cut = setTimeout(() => this.socket.terminate(), patienceMs);
    await new Promise((resolve) => this.socket.once("close", resolve));
    clearTimeout(cut);
  }

  private receive(data: RawData, isBinary: boolean): void {
    this.noteLife();
    if (this.isShut) return;
    const text = isBinary ? "" : String(data);
    const isKeepAlive = text === "PING" || text === "PONG";
    const messages = isKeepAlive ? [text] : parseMessages(text);
    if (!messages) this.shut("policyViolated", "not_json");
    else if (!this.gate.spend(Math.max(1, messages.length))) this.shut("policyViolated", "too_many_messages");
    else if (text === "PING") this.send("PONG");
    else if (!isKeepAlive) for (const message of messages) this.take(message);
  }

  private take(message: unknown): void {
    if (this.isShut) return;
    const decision = this.gate.decide(message);
    if (decision.kind === "violation") this.shut("policyViolated", decision.what);
    else if (decision.kind === "too_many") this.send(JSON.stringify(this.options.answerTooMany(decision)));
    else this.forward(message);
  }

  /** The adapter fetches the message through the encoder's `decode` in this same turn, so it is parsed once. */
  private forward(message: unknown): void {
    this.message = message;
    this.towardsTrpc.emit("message", NO_BYTES, false);
    this.message = undefined;
  }

  private encode(answer: unknown): string {
    const stoppedEarly = this.gate.noteAnswer(answer);
    if (stoppedEarly !== undefined) {
      queueMicrotask(() => this.forward({ id: stoppedEarly, method: "subscription.stop" }));
    }
    return encodeFrame(answer);
  }

  /** The answer to a ping is queued whether or not the other side reads, so pings are bounded like everything else. */
  private receivePing(): void {
    this.noteLife();
    if (!this.gate.spend(1)) this.shut("policyViolated", "too_many_pings");
    else this.dropIfSlow();
  }

  private dropIfSlow(): void {
    if (this.socket.bufferedAmount > this.options.limits.unreadBytes) this.shut("tooSlow");
  }

  private noteLife(): void {
    this.isAlive = true;
  }

  /** Ends the subscriptions now, not when the other side has agreed to close. */
  private endTrpc(): void {
    if (this.isShut) return;
    this.isShut = true;
    this.towardsTrpc.emit("close");
  }

  private createFacade(): WebSocket {
    const facade = Object.assign(this.towardsTrpc, {
      send: (text: string) => this.send(text),
      close: () => this.shut("policyViolated", "closed_by_trpc"),
    });
    const readyState = () => (this.isShut ? WebSocket.CLOSING : this.socket.readyState);
    return Object.defineProperty(facade, "readyState", { get: readyState }) as unknown as WebSocket;
  }
}

const NO_BYTES = Buffer.alloc(0);

/** A message or a batch of them; undefined when it is no JSON. */
function parseMessages(text: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    return undefined;
  }
}
