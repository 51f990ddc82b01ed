import type { HttpBindings } from "@hono/node-server";
import type { MiddlewareHandler } from "hono";
import type { HttpVariables } from "./variables.ts";

/**
 * Reads the client's address: the socket's, or behind N trusted proxies the Nth entry from the right of X-Forwarded-For.
 * What stands further left was written by the client and proves nothing.
 */
export function clientAddress(
  trustedProxies: number,
): MiddlewareHandler<{ Bindings: HttpBindings; Variables: HttpVariables }> {
  return async (c, next) => {
    const socket = c.env?.incoming?.socket.remoteAddress ?? "unknown";
    c.set("address", addressBehindProxies(trustedProxies, socket, c.req.header("x-forwarded-for")));
    await next();
  };
}

/** The pure part, which the WebSocket upgrade shares. */
export function addressBehindProxies(trustedProxies: number, socketAddress: string, forwardedFor?: string): string {
  if (trustedProxies === 0 || !forwardedFor) return socketAddress;
  const hops = forwardedFor.split(",").map((hop) => hop.trim());
  return hops[Math.max(0, hops.length - trustedProxies)] || socketAddress;
}
