import type { DeliveredFrame, Seat, Watcher } from "@guildhall/api/server";
import type { LiveConnection } from "./live-connection.ts";
import type { SubscriptionRequest } from "./message-gate.ts";
import { prepareFrames } from "./prepared-frames.ts";

/** One subscription that the hub serves: which socket, and under which request id. */
export class HubStream implements Watcher {
  readonly requestId: SubscriptionRequest["id"];
  readonly path: string;
  private readonly connection: LiveConnection;
  private readonly onFailed: (stream: HubStream, failure: unknown) => void;
  private seat: Seat | undefined = undefined;

  constructor(
    connection: LiveConnection,
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
