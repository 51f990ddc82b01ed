import type { Services } from "@guildhall/api/server";
import type { LiveConnection } from "./live-connection.ts";
import type { SocketRegistry } from "./socket-registry.ts";

export interface SessionWatchOptions {
  services: Services;
  registry: SocketRegistry<LiveConnection>;
  /** For how long an ended session is remembered: longer than checking an upgrade takes, in milliseconds. */
  graceMs: number;
}

/** How many sessions are read at a time when all have to be checked. */
const CHECKS_AT_ONCE = 4;

/**
 * Closes sockets with their sessions: at once when a session is ended, in this process or another, and at the latest at
 * the heartbeat after it has expired.
 */
export function createSessionWatch({ services, registry, graceMs }: SessionWatchOptions) {
  const { bus, clock, log, sessions } = services;
  const justEnded = new Set<string>();

  function close(sessionId: string): void {
    // An upgrade may have read the session just before it ended; it asks again when it is done.
    justEnded.add(sessionId);
    setTimeout(() => justEnded.delete(sessionId), graceMs).unref();
    for (const connection of registry.ofSession(sessionId)) connection.shut("sessionEnded");
  }

  async function check(connection: LiveConnection): Promise<void> {
    const valid = await sessions.validate(connection.session.token);
    if (valid) connection.session.expiresAt = valid.session.expiresAt;
    else connection.shut("sessionEnded");
  }

  async function checkAll(connections: LiveConnection[]): Promise<void> {
    const waiting = [...connections];
    const lanes = Array.from({ length: CHECKS_AT_ONCE }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await check(next);
    });
    await Promise.all(lanes);
  }

  function checkSafely(connections: LiveConnection[]): void {
    checkAll(connections).catch((err: unknown) => log.warn({ err }, "sessions of live connections were not checked"));
  }

  const stops = [
    sessions.onEnded((sessionId) => bus.endSession(sessionId)),
    bus.watchSessions((sessionId) => (sessionId === null ? checkSafely(registry.all()) : close(sessionId))),
  ];
  return {
    close,
    hasJustEnded: (sessionId: string) => justEnded.has(sessionId),
    /** A session that is used elsewhere has been prolonged, so an expiry known from the past is only a reason to look. */
    checkExpired: () => checkSafely(registry.all().filter(({ session }) => session.expiresAt <= clock.now())),
    stop(): void {
      for (const stop of stops) stop();
    },
  };
}
