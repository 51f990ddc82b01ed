import type { DeliveredFrame, Seat, Watcher } from "@guildhall/api/server";
import type { SubscriptionRequest } from "./message-gate.ts";
import { prepareFrames } from "./prepared-frames.ts";

/** What the hub's streams do with a connection. */
export interface StreamSocket {
  addStream(stream: HubStream): void;
  /** Confirms it; false when the connection has gone in the meantime. */
  startStream(stream: HubStream): boolean;
  refuseStream(stream: HubStream, error: object): void;
  endStream(stream: HubStream): void;
  answer(answer: object): void;
  /** Writes complete WebSocket frames. */
  writeFrames(bytes: Buffer): void;
  /** Undefined when the socket takes more at once; else resolves when it does, or has closed. */
  drained(): Promise<void> | undefined;
}

/** One subscription that the hub serves: which socket, and under which request id. */
export class HubStream implements Watcher {
  readonly requestId: SubscriptionRequest["id"];
  readonly path: string;
  private readonly connection: StreamSocket;
  private readonly onFailed: (stream: HubStream, failure: unknown) => void;
  private seat: Seat | undefined = undefined;

  constructor(
    connection: StreamSocket,
    request: Pick<SubscriptionRequest, "id" | "path">,
    onFailed: (stream: HubStream, failure: unknown) => void,
  ) {
    this.connection = connection;
    this.requestId = request.id;
    this.path = request.path;
    this.onFailed = onFailed;
  }

  get hasStarted(): boolean {
    return this.seat !== undefined;
  }

  /** The hub has given it a seat. */
  sit(seat: Seat): void {
    this.seat = seat;
  }

  /** Ends it without a word: nothing is delivered from this call on. */
  leave(): void {
    this.seat?.leave();
  }

  deliver(frames: readonly DeliveredFrame[]): void {
    for (const bytes of prepareFrames(frames, this.requestId)) this.connection.writeFrames(bytes);
  }

  drained(): Promise<void> | undefined {
    return this.connection.drained();
  }

  end(failure?: unknown): void {
    if (failure !== undefined) this.onFailed(this, failure);
    this.connection.endStream(this);
  }
}
