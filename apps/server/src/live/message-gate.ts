import { z } from "zod";
import type { LiveLimits } from "./live-limits.ts";

/** Our client counts its requests; what is longer is nobody's request of ours. */
const requestId = z.union([z.string().max(64), z.number()]);

/** A request that tRPC will take up, and answer under its id. */
const clientRequest = z.object({
  id: requestId,
  jsonrpc: z.literal("2.0").optional(),
  method: z.enum(["query", "mutation", "subscription"]),
  params: z.looseObject({ path: z.string(), lastEventId: z.string().optional() }),
});
const clientStop = z.object({ id: requestId, method: z.literal("subscription.stop") });

/** An answer of tRPC's adapter, as far as the books need it. */
interface Answer {
  id?: unknown;
  error?: unknown;
  result?: { type?: string };
}

export type RequestId = string | number;

/**
 * What to do with a message: hand it to tRPC, open or stop a subscription, answer it with "too many" under its id, or
 * close the socket, since no page of ours sends such a thing.
 */
export type GateDecision =
  | { kind: "pass" }
  | { kind: "subscribe"; request: SubscriptionRequest }
  | { kind: "stop"; id: RequestId }
  | TooMany
  | { kind: "violation"; what: string };

/** A request for a stream, in tRPC's terms. */
export interface SubscriptionRequest {
  id: RequestId;
  jsonrpc?: "2.0" | undefined;
  path: string;
  input: unknown;
  lastEventId?: string | undefined;
}

/** A request beyond what one socket may have open at a time. */
export interface TooMany {
  kind: "too_many";
  id: RequestId;
  path: string;
  type: "query" | "mutation" | "subscription";
}

export interface MessageGate {
  /** Takes messages off the rate; false when it is used up. A batch counts each of its messages. */
  spend(messages: number): boolean;
  decide(message: unknown): GateDecision;
  /** Sees every answer. Returns the id of a subscription that has just begun but was stopped before it had. */
  noteAnswer(message: unknown): RequestId | undefined;
  subscriptionCount(): number;
}

type GateLimits = Pick<LiveLimits, "messagesPerSecond" | "messageBurst" | "subscriptions" | "calls">;

/** Keeps one socket's books: its rate, and which requests are open. Counts before tRPC does any work. */
export function createMessageGate(limits: GateLimits, nowMs: () => number): MessageGate {
  const bucket = createBucket(limits, nowMs);
  const open = new Map<RequestId, "subscription" | "call">();
  const starting = new Set<RequestId>();
  const stoppedEarly = new Set<RequestId>();
  const count = (kind: "subscription" | "call") => [...open.values()].filter((each) => each === kind).length;

  function decide(message: unknown): GateDecision {
    const stop = clientStop.safeParse(message);
    // The adapter forgets a stop that overtakes the start of its subscription, which then would run for ever.
    if (stop.success) {
      if (starting.has(stop.data.id)) stoppedEarly.add(stop.data.id);
      return { kind: "stop", id: stop.data.id };
    }
    const request = clientRequest.safeParse(message);
    // Whatever is not counted here must not reach tRPC, whose own reading of a request is wider.
    if (!request.success) return { kind: "violation", what: "no_such_message" };
    const { id, method, params } = request.data;
    if (open.has(id)) return { kind: "violation", what: "duplicate_request_id" };
    const kind = method === "subscription" ? "subscription" : "call";
    const limit = kind === "subscription" ? limits.subscriptions : limits.calls;
    if (count(kind) >= limit) return { kind: "too_many", id, path: params.path, type: method };
    open.set(id, kind);
    if (kind === "call") return { kind: "pass" };
    starting.add(id);
    const { path, input, lastEventId } = params;
    return { kind: "subscribe", request: { id, jsonrpc: request.data.jsonrpc, path, input, lastEventId } };
  }

  function noteAnswer(message: unknown): RequestId | undefined {
    const { id, error, result } = message as Answer;
    if (typeof id !== "string" && typeof id !== "number") return undefined;
    const isOver = error !== undefined || result?.type === "stopped" || open.get(id) === "call";
    if (isOver) open.delete(id);
    if (isOver || result?.type === "started") starting.delete(id);
    return stoppedEarly.delete(id) && !isOver ? id : undefined;
  }

  return { spend: bucket.spend, decide, noteAnswer, subscriptionCount: () => count("subscription") };
}

/** A bucket of tokens that fills steadily. */
function createBucket({ messagesPerSecond, messageBurst }: GateLimits, nowMs: () => number) {
  let tokens = messageBurst;
  let filledAtMs = nowMs();
  return {
    spend(messages: number): boolean {
      const now = nowMs();
      tokens = Math.min(messageBurst, tokens + ((now - filledAtMs) / 1_000) * messagesPerSecond);
      filledAtMs = now;
      if (tokens < messages) return false;
      tokens -= messages;
      return true;
    },
  };
}
