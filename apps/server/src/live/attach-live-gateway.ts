import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Services } from "@guildhall/api/server";
import type { AnyTRPCRouter } from "@trpc/server";
import { type WebSocket, WebSocketServer } from "ws";
import { addressBehindProxies } from "../http/client-address.ts";
import { authenticate } from "./authenticate.ts";
import { LiveConnection } from "./live-connection.ts";
import { createLiveCounts, type LiveCounts } from "./live-counts.ts";
import { type LiveLimits, liveLimits } from "./live-limits.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { createSessionWatch } from "./session-watch.ts";
import { createSocketRegistry, type Place } from "./socket-registry.ts";
import { serveTrpc, tooManyAnswer } from "./trpc-socket.ts";
import { decideUpgrade, type Refusal, upgradeRules } from "./upgrade-policy.ts";

export interface LiveGatewayOptions {
  server: Server;
  services: Services;
  router: AnyTRPCRouter;
  /** Its host and origin are allowed, and those of `allowedOrigins`. */
  publicUrl: string;
  allowedOrigins?: readonly string[];
  /** How many reverse proxies stand in front. Default 0. */
  trustedProxies?: number;
  limits?: Partial<LiveLimits>;
  log: Services["log"];
  /** Upgrades that belong to another listener of the same server (a development server's own socket). */
  isForeign?: (request: IncomingMessage) => boolean;
}

export interface LiveGateway {
  /** Refuses new sockets, tells the open ones to reconnect, closes them, cuts what has not gone in time. */
  stop(): Promise<void>;
  /** Closes the sockets of a session; the page learns why. */
  closeSession(sessionId: string): void;
  counts(): Record<keyof LiveCounts, number>;
}

export const LIVE_PATH = "/live";

/**
 * Serves the live channel: WebSockets at exactly /live on the given server, speaking tRPC. Nothing that a client sends
 * ends the process; every socket has an error listener before anything else happens to it.
 * @throws TypeError when the public URL or an allowed origin is no absolute URL
 */
export function attachLiveGateway(options: LiveGatewayOptions): LiveGateway {
  const { server, services, log } = options;
  const limits = { ...liveLimits, ...options.limits };
  const rules = upgradeRules(LIVE_PATH, options.publicUrl, options.allowedOrigins ?? []);
  const registry = createSocketRegistry<LiveConnection>(limits);
  const sessions = createSessionWatch({ services, registry, graceMs: 2 * limits.upgradeMs });
  const counts = createLiveCounts(registry);
  const sockets = createSocketServer(limits);
  let isStopping = false;

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (options.isForeign?.(request)) return;
    // First of all, and for as long as the socket lives: an error without a listener ends the process.
    socket.on("error", () => counts.add("liveSocketErrors"));
    const { method, url: target, headers } = request;
    const facts = { method, target, host: headers.host, origin: headers.origin };
    const refusal = isStopping ? STOPPING : decideUpgrade(facts, rules);
    const place = refusal ? undefined : registry.take(addressOf(request, options.trustedProxies));
    if (place) {
      socket.once("close", place.release);
      void admit({ request, socket, head }, place);
    } else {
      refuse(socket, refusal ?? TOO_MANY_SOCKETS);
    }
  }

  function refuse(socket: Duplex, refusal: Refusal): void {
    counts.add("liveRefused");
    log.info({ reason: refusal.reason }, "live connection refused");
    refuseUpgrade(socket, refusal);
  }

  async function admit({ request, socket, head }: Upgrade, place: Place<LiveConnection>): Promise<void> {
    const outcome = await authenticate(services.sessions, request, { publicUrl: options.publicUrl, limits });
    if ("refusal" in outcome) return refuse(socket, outcome.refusal);
    if (socket.destroyed) return;
    if (isStopping) return refuse(socket, STOPPING);
    if (sessions.hasJustEnded(outcome.session.id)) return refuse(socket, SESSION_ENDED);
    if (!place.hasRoomFor(outcome.session.userId)) return refuse(socket, TOO_MANY_SOCKETS);
    sockets.handleUpgrade(request, socket, head, (opened) =>
      open(opened, { request, place, session: outcome.session }),
    );
  }

  function open(socket: WebSocket, { request, place, session }: Opened): void {
    socket.on("error", () => counts.add("liveSocketErrors"));
    const connection = new LiveConnection({
      socket,
      session,
      limits,
      answerTooMany: (over) => tooManyAnswer(options.router, over),
      onShut: (cause, detail) => {
        counts.addShut(cause);
        log.info({ cause, detail, userId: session.userId }, "live connection closed");
      },
    });
    place.fill(connection);
    counts.add("liveOpened");
    const address = addressOf(request, options.trustedProxies);
    serveTrpc(connection, { router: options.router, services, request, address });
  }

  server.on("upgrade", onUpgrade);
  const heart = setInterval(() => beat(registry.all(), sessions, counts), limits.heartbeatMs).unref();
  return {
    closeSession: sessions.close,
    counts: counts.read,
    async stop() {
      isStopping = true;
      clearInterval(heart);
      sessions.stop();
      await closeAll(registry.all(), limits.closingMs);
      sockets.close();
    },
  };
}

interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

interface Opened {
  request: IncomingMessage;
  place: Place<LiveConnection>;
  session: LiveConnection["session"];
}

const STOPPING: Refusal = { status: 503, reason: "stopping" };
const TOO_MANY_SOCKETS: Refusal = { status: 429, reason: "too_many_connections" };
const SESSION_ENDED: Refusal = { status: 401, reason: "session_ended" };

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

function addressOf(request: IncomingMessage, trustedProxies = 0): string {
  const forwarded = request.headers["x-forwarded-for"];
  const socketAddress = request.socket.remoteAddress ?? "unknown";
  return addressBehindProxies(trustedProxies, socketAddress, Array.isArray(forwarded) ? forwarded.join() : forwarded);
}

function beat(
  connections: LiveConnection[],
  sessions: ReturnType<typeof createSessionWatch>,
  counts: ReturnType<typeof createLiveCounts>,
): void {
  for (const connection of connections) {
    if (connection.beat()) continue;
    counts.add("liveDroppedSilent");
    connection.terminate();
  }
  sessions.checkExpired();
}

/** Says "reconnect" in tRPC's words, closes, and waits until the sockets are gone; cuts those that do not go. */
async function closeAll(connections: LiveConnection[], patienceMs: number): Promise<void> {
  await Promise.all(
    connections.map((connection) => {
      const gone = connection.gone(patienceMs);
      connection.send(JSON.stringify({ id: null, method: "reconnect" }));
      connection.shut("restarting");
      return gone;
    }),
  );
}
