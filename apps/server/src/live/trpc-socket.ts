import type { IncomingMessage } from "node:http";
import type { Context, Services } from "@guildhall/api/server";
import { DomainError, newId } from "@guildhall/shared";
import { type AnyTRPCRouter, TRPCError } from "@trpc/server";
import { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import { getErrorShape } from "@trpc/server/unstable-core-do-not-import";
import { WebSocketServer } from "ws";
import type { LiveConnection } from "./live-connection.ts";
import type { TooMany } from "./message-gate.ts";

export interface ServeTrpcOptions {
  router: AnyTRPCRouter;
  services: Services;
  request: IncomingMessage;
  address: string;
}

/** The adapter's type asks for a server, its code does not: sockets are opened by the gateway. */
const unused = new WebSocketServer({ noServer: true });

/** Lets tRPC's own adapter answer what comes over a connection. */
export function serveTrpc(connection: LiveConnection, options: ServeTrpcOptions): void {
  const handle = getWSConnectionHandler({
    wss: unused,
    router: options.router,
    createContext: () => contextOf(connection, options),
    experimental_encoder: connection.encoder,
  });
  handle(connection.facade, options.request);
}

/** Made once per connection by the adapter; hence the session is read on every message, and so is the role. */
function contextOf(connection: LiveConnection, { services, request, address }: ServeTrpcOptions): Context {
  return {
    services,
    async readSession() {
      const valid = await services.sessions.validate(connection.session.token);
      if (!valid) connection.shut("sessionEnded");
      return valid && { session: { id: valid.session.id }, user: valid.user };
    },
    cookie: { set: refuseCookie, clear: refuseCookie },
    transport: "websocket",
    requestId: newId(),
    address,
    userAgent: request.headers["user-agent"] ?? "",
  };
}

function refuseCookie(): never {
  throw new DomainError("forbidden", {}, "This cannot be done over the live connection: it carries no cookies.");
}

/** The answer to a request beyond what a socket may have open, as the router's other errors look. */
export function tooManyAnswer(router: AnyTRPCRouter, { id, path, type }: TooMany): object {
  const cause = new DomainError("overloaded");
  const error = new TRPCError({ code: "TOO_MANY_REQUESTS", message: cause.message, cause });
  const config = router._def._config;
  return { id, error: getErrorShape({ config, error, type, path, input: undefined, ctx: undefined }) };
}
