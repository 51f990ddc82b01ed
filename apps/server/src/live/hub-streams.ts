import { type Context, createLiveHub, LiveStream, reportStreamError, type Services } from "@guildhall/api/server";
import { type AnyTRPCRouter, callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape } from "@trpc/server";
import { HubStream, type StreamSocket } from "./hub-stream.ts";
import type { Caller } from "./live-context.ts";
import type { SubscriptionRequest } from "./message-gate.ts";

/** The subscriptions that a gateway serves by its hub instead of by tRPC's adapter. */
export interface HubStreams {
  /** Whether a request is for the hub; everything else is tRPC's. */
  serves(request: SubscriptionRequest): boolean;
  /** Opens a stream or answers why not, under the request's id; never throws. */
  open(connection: StreamSocket & Caller, request: SubscriptionRequest): void;
}

export interface HubStreamsOptions {
  router: AnyTRPCRouter;
  services: Services;
  /** The context of a call over the connection; its session is read when it is asked for. */
  contextOf(caller: Caller): Context;
}

const PATHS: ReadonlySet<string> = new Set(["live.organization", "live.person"]);

/**
 * Makes them. The router's own procedure decides on each request, with its middleware: there is no second copy of the
 * rules. Only what it returns is not iterated over but given a seat in the hub.
 */
export function createHubStreams({ router, services, contextOf }: HubStreamsOptions): HubStreams {
  const hub = createLiveHub(services);

  async function open(connection: StreamSocket & Caller, request: SubscriptionRequest): Promise<void> {
    const stream = new HubStream(connection, request, (failed, failure) => fail(connection, failed, failure));
    connection.addStream(stream);
    const ctx = contextOf(connection);
    try {
      const live = await callTRPCProcedure({
        router,
        path: request.path,
        getRawInput: async () => inputOf(request),
        ctx,
        type: "subscription",
        signal: undefined,
        batchIndex: 0,
      });
      if (!(live instanceof LiveStream)) throw new Error(`${request.path} is not a live stream.`);
      if (connection.startStream(stream)) stream.sit(hub.join(live.request, stream));
    } catch (cause) {
      connection.refuseStream(stream, shapeOf(stream, { cause, ctx }));
    }
  }

  function fail(connection: StreamSocket & Caller, stream: HubStream, failure: unknown): void {
    const ctx = contextOf(connection);
    const cause = reportStreamError({ ctx, path: stream.path }, failure);
    connection.answer({ id: stream.requestId, error: shapeOf(stream, { cause, ctx }) });
  }

  function shapeOf({ path }: HubStream, { cause, ctx }: { cause: unknown; ctx: Context }): object {
    const error = getTRPCErrorFromUnknown(cause);
    return getTRPCErrorShape({ config: router._def._config, error, type: "subscription", path, input: undefined, ctx });
  }

  return {
    serves: ({ path, jsonrpc }) => PATHS.has(path) && jsonrpc === undefined,
    open: (connection, request) => void open(connection, request),
  };
}

/** A client that resumes says where beside the input; tRPC's adapter puts it inside, and so does this. */
function inputOf({ input, lastEventId }: SubscriptionRequest): unknown {
  if (lastEventId === undefined) return input;
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return { ...input, lastEventId };
  return input ?? { lastEventId };
}
