import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Services } from "@guildhall/api/server";
import { WebSocketServer } from "ws";
import { addressBehindProxies } from "../http/client-address.ts";
import { authenticate } from "./authenticate.ts";
import type { ConnectionSession, LiveConnection, OpenedSocket } from "./live-connection.ts";
import type { LiveCounter } from "./live-counts.ts";
import type { LiveLimits } from "./live-limits.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import type { Place, SocketRegistry } from "./socket-registry.ts";
import { decideUpgrade, type Refusal, type UpgradeRules } from "./upgrade-policy.ts";

/** An upgrade that was let in: an open socket with an error listener, in a place that is still to be filled. */
export interface Admitted extends OpenedSocket {
  place: Place<LiveConnection>;
}

export interface UpgradeHandlerOptions {
  services: Services;
  rules: UpgradeRules;
  limits: LiveLimits;
  registry: SocketRegistry<LiveConnection>;
  counts: LiveCounter;
  publicUrl: string;
  trustedProxies: number;
  /** Asked before anything else, and again after the session was read. */
  isStopping(): boolean;
  /** Whether a session has ended while it was being read. */
  hasJustEnded(sessionId: string): boolean;
  onAdmitted(admitted: Admitted): void;
}

interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

const STOPPING: Refusal = { status: 503, reason: "stopping" };
const TOO_MANY_SOCKETS: Refusal = { status: 429, reason: "too_many_connections" };
const SESSION_ENDED: Refusal = { status: 401, reason: "session_ended" };

/** Makes the listener for a server's `upgrade` event. It never throws and never lets a socket's error pass unheard. */
export function createUpgradeHandler(options: UpgradeHandlerOptions) {
  const { counts, limits, registry, rules, services } = options;
  const sockets = createSocketServer(limits);

  function refuse(socket: Duplex, refusal: Refusal): void {
    counts.add("liveRefused");
    services.log.info({ reason: refusal.reason }, "live connection refused");
    refuseUpgrade(socket, refusal);
  }

  async function admit({ request, socket, head }: Upgrade, place: Place<LiveConnection>): Promise<void> {
    const outcome = await authenticate(services.sessions, request, { publicUrl: options.publicUrl, limits });
    if (socket.destroyed) return;
    const refusal = "refusal" in outcome ? outcome.refusal : decideLate(outcome.session, place);
    if ("refusal" in outcome || refusal) return refuse(socket, refusal ?? STOPPING);
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on("error", () => counts.add("liveSocketErrors"));
      const address = addressOf(request, options.trustedProxies);
      const userAgent = request.headers["user-agent"] ?? "";
      options.onAdmitted({ socket: opened, stream: socket, place, session: outcome.session, address, userAgent });
    });
  }

  function decideLate(session: ConnectionSession, place: Place<LiveConnection>): Refusal | null {
    if (options.isStopping()) return STOPPING;
    if (options.hasJustEnded(session.id)) return SESSION_ENDED;
    return place.hasRoomFor(session.userId) ? null : TOO_MANY_SOCKETS;
  }

  return function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // First of all, and for as long as the socket lives: an error without a listener ends the process.
    socket.on("error", () => counts.add("liveSocketErrors"));
    const { method, url: target, headers } = request;
    const facts = { method, target, host: headers.host, origin: headers.origin };
    const refusal = options.isStopping() ? STOPPING : decideUpgrade(facts, rules);
    const place = refusal ? undefined : registry.take(addressOf(request, options.trustedProxies));
    if (place) {
      socket.once("close", place.release);
      void admit({ request, socket, head }, place);
    } else {
      refuse(socket, refusal ?? TOO_MANY_SOCKETS);
    }
  };
}

function createSocketServer(limits: LiveLimits): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression costs memory per socket and lets a client make a small frame large.
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    maxFragments: limits.fragmentsPerMessage,
    maxBufferedChunks: limits.chunksPerMessage,
  });
}

function addressOf(request: IncomingMessage, trustedProxies: number): string {
  const forwarded = request.headers["x-forwarded-for"];
  const socketAddress = request.socket.remoteAddress ?? "unknown";
  return addressBehindProxies(trustedProxies, socketAddress, Array.isArray(forwarded) ? forwarded.join() : forwarded);
}
