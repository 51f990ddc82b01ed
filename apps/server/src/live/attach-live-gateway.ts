import type { Server } from "node:http";
import type { Services } from "@guildhall/api/server";
import type { AnyTRPCRouter } from "@trpc/server";
import { createHubStreams, type HubStreams } from "./hub-streams.ts";
import { type ConnectionDesk, LiveConnection } from "./live-connection.ts";
import { type Caller, liveContext } from "./live-context.ts";
import { createLiveCounter, type LiveCounts } from "./live-counts.ts";
import { type LiveLimits, liveLimits } from "./live-limits.ts";
import { createSessionWatch } from "./session-watch.ts";
import { createSocketRegistry } from "./socket-registry.ts";
import { tooManyAnswer } from "./too-many-answer.ts";
import { createTrpcBridge } from "./trpc-bridge.ts";
import { type Admitted, createUpgradeHandler } from "./upgrade-handler.ts";
import { upgradeRules } from "./upgrade-policy.ts";

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
  /** Leaves all subscriptions to tRPC's own adapter, which delivers the same to fewer watchers. Default false. */
  isHubOff?: boolean;
  log: Services["log"];
}

export interface LiveGateway {
  /** Refuses new sockets, tells the open ones to reconnect, closes them, cuts what has not gone in time. */
  stop(): Promise<void>;
  /** Closes the sockets of a session; the page learns why. */
  closeSession(sessionId: string): void;
  counts(): Record<keyof LiveCounts, number>;
}

const LIVE_PATH = "/live";
const NO_STREAMS: HubStreams = { serves: () => false, open() {} };

/**
 * Serves the live channel: WebSockets at exactly /live on the given server, speaking tRPC. Nothing that a client sends
 * ends the process; every socket has an error listener before anything else happens to it.
 * @throws TypeError when the public URL or an allowed origin is no absolute URL
 */
export function attachLiveGateway(options: LiveGatewayOptions): LiveGateway {
  const { server, services, router, publicUrl, allowedOrigins = [], trustedProxies = 0, log } = options;
  const limits = { ...liveLimits, ...options.limits };
  const rules = upgradeRules(LIVE_PATH, publicUrl, allowedOrigins);
  const registry = createSocketRegistry<LiveConnection>(limits);
  const sessions = createSessionWatch({ services, registry, graceMs: 2 * limits.upgradeMs });
  const counts = createLiveCounter(registry);
  let isStopping = false;

  const contextOf = (caller: Caller) => liveContext(caller, services);
  const desk: ConnectionDesk = {
    limits,
    streams: options.isHubOff ? NO_STREAMS : createHubStreams({ router, services, contextOf }),
    bridge: (connection) => createTrpcBridge(connection, { router, context: contextOf(connection) }),
    answerTooMany: (over) => tooManyAnswer(router, over),
    onShut({ session }, cause, detail) {
      counts.addShut(cause);
      log.info({ cause, detail, userId: session.userId }, "live connection closed");
    },
  };

  function open({ place, ...opened }: Admitted): void {
    place.fill(new LiveConnection(opened, desk));
    counts.add("liveOpened");
  }

  const policy = { isStopping: () => isStopping, hasJustEnded: sessions.hasJustEnded };
  const surroundings = { services, rules, limits, registry, counts, publicUrl, trustedProxies };
  server.on("upgrade", createUpgradeHandler({ ...surroundings, ...policy, onAdmitted: open }));
  const heart = setInterval(() => {
    for (const connection of registry.all()) if (!connection.beat()) counts.add("liveDroppedSilent");
    sessions.checkExpired();
  }, limits.heartbeatMs).unref();
  return {
    closeSession: sessions.close,
    counts: counts.read,
    async stop() {
      isStopping = true;
      clearInterval(heart);
      sessions.stop();
      await Promise.all(registry.all().map((connection) => sendAway(connection, limits.closingMs)));
    },
  };
}

/** Says "reconnect" in tRPC's words, closes, and waits until the socket is gone; cuts it if it does not go. */
async function sendAway(connection: LiveConnection, patienceMs: number): Promise<void> {
  const gone = connection.gone(patienceMs);
  connection.send(JSON.stringify({ id: null, method: "reconnect" }));
  connection.shut("restarting");
  await gone;
}
