/** Whose stream is asked for, once it is known that they may have it. */
export type LiveRequest =
  | { kind: "organization"; organizationId: string; userId: string; lastEventId: string | null }
  | { kind: "person"; userId: string };

/**
 * What a live procedure returns when its middleware has let the caller in. tRPC's own adapter iterates over it; a server
 * with many watchers takes the request out and has it served by a LiveHub. Either way the procedure has decided.
 */
export class LiveStream<T> implements AsyncIterable<T, void, undefined> {
  readonly request: LiveRequest;
  private readonly iterate: () => AsyncGenerator<T, void, undefined>;

  constructor(request: LiveRequest, iterate: () => AsyncGenerator<T, void, undefined>) {
    this.request = request;
    this.iterate = iterate;
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.iterate();
  }
}
