import type { Socket } from "node:net";
import { createRequestReader, type UsageRequest } from "./read-request.ts";

/** What a connection wants of whoever listens. */
export interface ConnectionOwner {
  /**
   * Answers a request, whenever it can, with the bytes of a whole answer as latin1. Says whether it is a short or a long way: a long one is
   * gone by one request of a connection at a time. Undefined: nobody here answers, Node's parser gets it.
   */
  answer: ((request: UsageRequest, socket: Socket, done: (answer: string) => void) => "short" | "long") | undefined;
  /** Takes the socket over, with nothing of ours left on it; what was read of it is read again. */
  handOver(socket: Socket): void;
  forget(connection: UsageConnection): void;
}

/** A request that is being answered; the answers go out in the order of the requests. */
interface Slot {
  answer: string | undefined;
}

/** How long a connection is kept for the next request, as Node's server says it. Stands in the head of every answer but the last. */
export const KEPT = "connection: keep-alive\r\nkeep-alive: timeout=5\r\n";
const NOT_KEPT = "connection: close\r\n";

/** Requests of one connection that may be under way: beyond them it is not read on. */
const MOST_UNDER_WAY = 64;

/** What a connection waits for while nothing of it is being answered. "taking": that the other side takes its answers. */
export type Awaited = "first" | "next" | "head" | "body" | "taking";

/**
 * A connection as long as nothing but plain reports of uses comes on it. With the first byte of anything else it is Node's, for good:
 * after the answers that are due, and with all that was not answered yet.
 */
export class UsageConnection {
  readonly socket: Socket;
  private readonly owner: ConnectionOwner;
  private readonly readRequest = createRequestReader();
  private readonly slots: Slot[] = [];
  /** The last one that takes the long way. Until it is answered nothing more is read: who has no key keeps nobody else waiting. */
  private long: Slot | undefined;
  /** The beginning of a request whose rest has not come. What could be read and must wait its turn is put back on the socket. */
  private pending: Buffer | undefined;
  private needed = 1;
  private awaited: Awaited = "first";
  private sinceMs = performance.now();
  private isForeign = false;
  private isEnding = false;
  private isWoken = false;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket;
    this.owner = owner;
    // Never thrown: whoever is gone has no use for an answer, and the key tells what became of the use.
    socket.on("error", this.onError).on("data", this.onData).on("end", this.onEnd);
    socket.on("drain", this.goOn).on("close", this.onClose);
  }

  /** What it waits for, and since when by performance.now(); undefined while it is for us to answer. */
  get waiting(): { awaited: Awaited; sinceMs: number } | undefined {
    if (this.slots.length > 0) return undefined;
    return { awaited: this.socket.writableLength > 0 ? "taking" : this.awaited, sinceMs: this.sinceMs };
  }

  /** Ends after the answers that are due; at once when there are none. What still comes is not read any more. */
  end(): void {
    this.isEnding = true;
    this.pending = undefined;
    // An idle client may be gone long ago: its end is not waited for. Behind an answer it is: cutting now could take the answer along.
    if (this.slots.length === 0) this.socket.destroySoon();
    else this.socket.resume();
  }

  private await(awaited: Awaited): void {
    this.awaited = awaited;
    this.sinceMs = performance.now();
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.isEnding) return;
    if (!this.pending) this.await("head");
    this.pending = this.pending ? Buffer.concat([this.pending, chunk]) : chunk;
    while (this.pending && this.mayRead() && this.pending.length >= this.needed) this.readNext(this.pending);
    this.goOn();
  };

  /** Lets more come, or not yet, or leaves. */
  private readonly goOn = (): void => {
    if (this.isEnding) return;
    if (this.mayRead()) {
      // Not at once: what was put back would be read and answered within this turn, and again, while everybody else waits.
      if (this.socket.isPaused() && !this.isWoken) setImmediate(this.wake);
      this.isWoken = this.socket.isPaused();
      return;
    }
    this.putBack();
    if (this.isForeign && this.slots.length === 0) this.leave();
  };

  private readonly wake = (): void => {
    this.isWoken = false;
    if (this.mayRead()) this.socket.resume();
  };

  private mayRead(): boolean {
    const isHeldUp = this.long !== undefined && this.long.answer === undefined;
    return !this.isForeign && !isHeldUp && this.slots.length < MOST_UNDER_WAY && !this.socket.writableNeedDrain;
  }

  /** The socket does not tell its end before these bytes are read again: who ends after the last request gets all answers. */
  private putBack(): void {
    this.socket.pause();
    if (this.pending) this.socket.unshift(this.pending);
    this.pending = undefined;
    this.needed = 1;
  }

  private readNext(bytes: Buffer): void {
    const { answer } = this.owner;
    const reading = answer ? this.readRequest(bytes) : "foreign";
    if (reading === "foreign" || !answer) {
      this.isForeign = true;
    } else if ("needed" in reading) {
      this.needed = reading.needed;
      this.awaited = reading.missing;
    } else {
      const { request } = reading;
      this.needed = 1;
      this.pending = request.end < bytes.length ? bytes.subarray(request.end) : undefined;
      const slot: Slot = { answer: undefined };
      this.slots.push(slot);
      const way = answer(request, this.socket, (text) => {
        slot.answer = text;
        this.sendDue();
      });
      if (way === "long") this.long = slot;
    }
  }

  private sendDue(): void {
    let due = "";
    for (let first = this.slots[0]; first?.answer !== undefined; first = this.slots[0]) {
      this.slots.shift();
      // Told that it ends, nobody sends a request that would not be answered any more.
      due += this.isEnding && this.slots.length === 0 ? first.answer.replace(KEPT, NOT_KEPT) : first.answer;
    }
    if (due === "" || this.socket.destroyed) return;
    this.await(this.pending ? this.awaited : "next");
    this.socket.write(due, "latin1");
    if (this.slots.length === 0 && this.isEnding) this.socket.end();
    else this.goOn();
  }

  private leave(): void {
    const { socket } = this;
    this.detach();
    this.owner.handOver(socket);
    socket.resume();
  }

  private detach(): void {
    const { socket } = this;
    socket.off("error", this.onError).off("data", this.onData).off("end", this.onEnd);
    socket.off("drain", this.goOn).off("close", this.onClose);
    this.owner.forget(this);
  }

  private readonly onEnd = (): void => this.end();
  private readonly onClose = (): void => this.owner.forget(this);
  private readonly onError = (): void => void this.socket.destroy();
}
