import type { Duplex } from "node:stream";
import { liveCloseCodes, liveCloseReasons } from "@guildhall/live/events";
import { type RawData, WebSocket } from "ws";
import type { HubStream, StreamSocket } from "./hub-stream.ts";
import type { HubStreams } from "./hub-streams.ts";
import type { Caller } from "./live-context.ts";
import type { LiveLimits } from "./live-limits.ts";
import { createMessageGate, type MessageGate, type RequestId, type TooMany } from "./message-gate.ts";
import type { BridgedSocket, TrpcBridge } from "./trpc-bridge.ts";
import { whenDrained } from "./when-drained.ts";

/** Why a connection was ended by the server. */
export type CloseCause = keyof typeof liveCloseCodes;

/** The session that a connection was opened with. The token is kept for reading the session anew. */
export interface ConnectionSession {
  id: string;
  userId: string;
  token: string;
  expiresAt: Date;
}

/** Whose connection it is, and what it goes over. */
export interface OpenedSocket {
  /** Its error listener has to be in place already. */
  socket: WebSocket;
  /** What the WebSocket itself writes to. */
  stream: Duplex;
  session: ConnectionSession;
  address: string;
  userAgent: string;
}

/** What all connections of a gateway share. */
export interface ConnectionDesk {
  limits: LiveLimits;
  streams: HubStreams;
  /** Puts tRPC's adapter behind a connection. */
  bridge(connection: LiveConnection): TrpcBridge;
  /** Makes tRPC's answer to a request that is over a limit. */
  answerTooMany(request: TooMany): object;
  onShut(connection: LiveConnection, cause: CloseCause, detail: string): void;
}

/**
 * One open socket. What comes over it passes the gate and goes to the hub or to tRPC's adapter; what they send is
 * bounded, and when the connection is shut its subscriptions end at once. An idle one is to cost little: what only some
 * connections need is made when they do.
 */
export class LiveConnection implements StreamSocket, BridgedSocket, Caller {
  readonly session: ConnectionSession;
  readonly address: string;
  readonly userAgent: string;
  private readonly socket: WebSocket;
  private readonly stream: Duplex;
  private readonly desk: ConnectionDesk;
  private readonly gate: MessageGate;
  private readonly hubStreams = new Map<RequestId, HubStream>();
  private trpc: TrpcBridge | undefined = undefined;
  private isShut = false;
  private isAlive = true;

  constructor({ socket, stream, session, address, userAgent }: OpenedSocket, desk: ConnectionDesk) {
    this.socket = socket;
    this.stream = stream;
    this.session = session;
    this.address = address;
    this.userAgent = userAgent;
    this.desk = desk;
    this.gate = createMessageGate(desk.limits, () => performance.now());
    socket.on("message", (data, isBinary) => this.receive(data, isBinary));
    socket.on("pong", () => this.noteLife());
    socket.on("ping", () => this.receivePing());
    socket.once("close", () => this.endSubscriptions());
  }

  get subscriptionCount(): number {
    return this.gate.subscriptionCount();
  }

  isOpen(): boolean {
    return !this.isShut && this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends unless the connection is going. Drops a reader that lets too much wait: it resumes where it was. */
  send(text: string): void {
    if (!this.isOpen()) return;
    this.socket.send(text);
    this.dropIfSlow();
  }

  /**
   * Writes complete WebSocket frames past the library, which would copy and frame them anew for each socket. That is safe
   * between its own frames, and it is always between them: it writes each whole, in one turn, since nothing here is
   * compressed or sent in fragments. After a close frame nothing may follow, hence the look at the state.
   */
  writeFrames(bytes: Buffer): void {
    if (!this.isOpen()) return;
    this.stream.write(bytes);
    this.dropIfSlow();
  }

  drained(): Promise<void> | undefined {
    return whenDrained(this.stream);
  }

  /** Enters an answer into the books; it has to be sent in the same turn. */
  note(answer: object): void {
    const stoppedEarly = this.gate.noteAnswer(answer);
    if (stoppedEarly === undefined) return;
    queueMicrotask(() => this.stopStream(stoppedEarly, { id: stoppedEarly, method: "subscription.stop" }));
  }

  answer(answer: object): void {
    this.note(answer);
    this.send(JSON.stringify(answer));
  }

  /** A stream of the hub is being opened. */
  addStream(stream: HubStream): void {
    this.hubStreams.set(stream.requestId, stream);
  }

  /** Confirms it; false when the connection has gone in the meantime. */
  startStream({ requestId }: HubStream): boolean {
    if (!this.isOpen()) return false;
    this.answer({ id: requestId, result: { type: "started" } });
    return true;
  }

  refuseStream({ requestId }: HubStream, error: object): void {
    this.hubStreams.delete(requestId);
    this.answer({ id: requestId, error });
  }

  endStream(stream: HubStream): void {
    if (!this.hubStreams.delete(stream.requestId)) return;
    stream.leave();
    this.answer({ id: stream.requestId, result: { type: "stopped" } });
  }

  /** Closes with a code and a reason that the page can tell apart; cuts the socket if it does not go. Idempotent. */
  shut(cause: CloseCause, detail: string = cause): void {
    if (this.isShut) return;
    const { limits, onShut } = this.desk;
    onShut(this, cause, detail);
    const code = liveCloseCodes[cause];
    this.socket.close(code, liveCloseReasons[code]);
    const cut = setTimeout(() => this.socket.terminate(), limits.closingMs).unref();
    this.socket.once("close", () => clearTimeout(cut));
    this.endSubscriptions();
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
    const { streams, answerTooMany } = this.desk;
    if (decision.kind === "violation") this.shut("policyViolated", decision.what);
    else if (decision.kind === "too_many") this.send(JSON.stringify(answerTooMany(decision)));
    else if (decision.kind === "stop") this.stopStream(decision.id, message);
    else if (decision.kind === "subscribe" && streams.serves(decision.request)) streams.open(this, decision.request);
    else this.forward(message);
  }

  /** One that has not started yet is stopped when it has: the gate remembers. */
  private stopStream(id: RequestId, message: unknown): void {
    const stream = this.hubStreams.get(id);
    if (!stream) this.forward(message);
    else if (stream.hasStarted) this.endStream(stream);
  }

  private forward(message: unknown): void {
    if (this.isShut) return;
    this.trpc ??= this.desk.bridge(this);
    this.trpc.take(message);
  }

  /** The answer to a ping is queued whether or not the other side reads, so pings are bounded like everything else. */
  private receivePing(): void {
    this.noteLife();
    if (!this.gate.spend(1)) this.shut("policyViolated", "too_many_pings");
    else this.dropIfSlow();
  }

  private dropIfSlow(): void {
    if (this.socket.bufferedAmount > this.desk.limits.unreadBytes) this.shut("tooSlow");
  }

  private noteLife(): void {
    this.isAlive = true;
  }

  /** Ends the subscriptions now, not when the other side has agreed to close. */
  private endSubscriptions(): void {
    if (this.isShut) return;
    this.isShut = true;
    for (const stream of this.hubStreams.values()) stream.leave();
    this.hubStreams.clear();
    this.trpc?.end();
  }
}

/** A message or a batch of them; undefined when it is no JSON. */
function parseMessages(text: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    return undefined;
  }
}
