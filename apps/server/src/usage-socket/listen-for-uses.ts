import type { Server } from "node:http";
import type { Socket } from "node:net";
import { type Awaited, type ConnectionOwner, UsageConnection } from "./usage-connection.ts";

/** How long a connection may keep us waiting, in milliseconds: as Node's own server lets it, in the portal's setting. */
export type Patience = Record<Awaited, number>;

const PATIENCE: Patience = { first: 20_000, next: 6_000, head: 20_000, body: 120_000, taking: 120_000 };
const LOOK_EVERY_MS = 1_000;

/** The way of reported uses past Node's parser. */
export interface UsageListener {
  /** From now on plain reports of uses are answered by this; undefined: they take the way of all others. */
  serve(answer: ConnectionOwner["answer"]): void;
  /** Ends the connections that are here, each after the answers that are due. */
  endAll(): void;
  /** Cuts those that are still here. */
  cutAll(): void;
}

/**
 * Stands between a server's socket and its parser: every connection begins here, and goes on to the server with its first byte that is
 * no plain report of a use. Nothing is listened to twice: the server's own listeners come when we are done.
 */
export function listenForUses(server: Server, patience: Patience = PATIENCE): UsageListener {
  const connections = new Set<UsageConnection>();
  const [...itsOwn] = server.listeners("connection");
  const owner: ConnectionOwner = {
    answer: undefined,
    handOver(socket: Socket) {
      for (const listener of itsOwn) listener.call(server, socket);
    },
    forget: (connection) => void connections.delete(connection),
  };

  function cutLate(): void {
    const nowMs = performance.now();
    for (const { socket, waiting } of connections) {
      if (waiting && nowMs - waiting.sinceMs > patience[waiting.awaited]) socket.destroy();
    }
  }

  server.removeAllListeners("connection").on("connection", (socket: Socket) => {
    connections.add(new UsageConnection(socket, owner));
  });
  const looking = setInterval(cutLate, Math.min(LOOK_EVERY_MS, ...Object.values(patience))).unref();
  server.once("close", () => clearInterval(looking));

  return {
    serve(answer) {
      owner.answer = answer;
    },
    endAll() {
      for (const connection of connections) connection.end();
    },
    cutAll() {
      for (const { socket } of connections) socket.destroy();
    },
  };
}
