import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Context } from "@guildhall/api/server";
import type { AnyTRPCRouter } from "@trpc/server";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { WebSocket, WebSocketServer } from "ws";

/** What the adapter does with a connection. */
export interface BridgedSocket {
  isOpen(): boolean;
  send(text: string): void;
  /** Sees every answer before it is sent. */
  note(answer: object): void;
  shut(cause: "policyViolated", detail: string): void;
}

/** tRPC's own adapter behind a connection: it answers everything that the hub does not serve. */
export interface TrpcBridge {
  /** Hands over one parsed message. */
  take(message: unknown): void;
  /** Ends its subscriptions now. */
  end(): void;
}

/** The adapter's type asks for a server, its code does not: sockets are opened by the gateway. */
const unused = new WebSocketServer({ noServer: true });
/** All that the adapter wants to know of the upgrade is that its query asks for nothing. */
const upgrade = { url: "/live", headers: {} } as IncomingMessage;
const NO_BYTES = Buffer.alloc(0);

/** Puts the adapter behind a connection. Costs some KiB, so it is made for the first message that needs it. */
export function createTrpcBridge(
  connection: BridgedSocket,
  { router, context }: { router: AnyTRPCRouter; context: Context },
): TrpcBridge {
  const socket = createFacade(connection);
  let current: unknown;
  const encode = (answer: unknown) => {
    connection.note(answer as object);
    return JSON.stringify(answer);
  };
  const handle = getWSConnectionHandler({
    wss: unused,
    router,
    createContext: () => context,
    // The adapter fetches a message in the same turn in which it is told of one, so it is parsed once.
    experimental_encoder: { encode, decode: () => current },
  });
  handle(socket as unknown as WebSocket, upgrade);
  return {
    take(message) {
      current = message;
      socket.emit("message", NO_BYTES, false);
      current = undefined;
    },
    end: () => void socket.emit("close"),
  };
}

/** What the adapter takes for the socket. */
function createFacade(connection: BridgedSocket): EventEmitter {
  const facade = Object.assign(new EventEmitter(), {
    send: (text: string) => connection.send(text),
    close: () => connection.shut("policyViolated", "closed_by_trpc"),
  });
  const readyState = () => (connection.isOpen() ? WebSocket.OPEN : WebSocket.CLOSING);
  return Object.defineProperty(facade, "readyState", { get: readyState });
}
