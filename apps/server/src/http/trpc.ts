import { appRouter, type Context, type Services } from "@guildhall/api/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { Context as HonoContext } from "hono";
import type { HttpVariables } from "./variables.ts";

type Call = HonoContext<{ Variables: HttpVariables }>;

/** What a procedure knows of a caller over HTTP. The session follows a sign-in within the request. */
export function contextOf(c: Call, services: Services, transport: "http" | "in_process"): Context {
  return {
    services,
    readSession: c.get("readSession"),
    cookie: c.get("cookie"),
    signInCookie: c.get("signInCookie"),
    transport,
    requestId: c.get("requestId"),
    address: c.get("address"),
    userAgent: c.req.header("user-agent") ?? "",
  };
}

/** Serves tRPC over HTTP. Batches are limited: each call in one is a query of its own. */
export function trpcHandler(services: Services) {
  return (c: Call) =>
    fetchRequestHandler({
      endpoint: "/trpc",
      req: c.req.raw,
      router: appRouter,
      maxBatchSize: 20,
      createContext: () => contextOf(c, services, "http"),
    });
}
