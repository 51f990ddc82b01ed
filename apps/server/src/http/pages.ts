import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type AppRouter, appRouter, type Services } from "@guildhall/api/server";
import { createRequestHandler, type ServerBuild } from "@remix-run/node";
import { createTRPCClient, unstable_localLink } from "@trpc/client";
import type { Context as HonoContext, MiddlewareHandler } from "hono";
import { mediaTypeOf } from "./request-body.ts";
import { contextOf } from "./trpc.ts";
import type { HttpVariables } from "./variables.ts";

type Call = HonoContext<{ Variables: HttpVariables }>;

/** How the pages reach the server: a build on disk, or in development whatever Vite has just made of the sources. */
export interface PageSource {
  build: ServerBuild | (() => Promise<ServerBuild>);
  /** Directory with the browser's files; undefined where Vite serves them. */
  assetsDirectory?: string;
}

/** Loads the web app's build by its path: apps do not import apps. @throws when it was not built yet */
export async function loadPages(webDirectory: string): Promise<PageSource> {
  const entry = join(webDirectory, "build/server/index.js");
  if (!existsSync(entry)) throw new Error("The pages are not built. Run `npm run build` first.");
  const build = (await import(pathToFileURL(entry).href)) as ServerBuild;
  return { build, assetsDirectory: join(webDirectory, "build/client") };
}

/**
 * Renders pages. Each request's loaders and actions get a tRPC client that calls in process: typed, and through the same
 * middleware as the wire.
 */
export function pageHandler(services: Services, pages: PageSource, mode: "production" | "development") {
  const handle = createRequestHandler(pages.build, mode);
  const { log } = services;
  return (c: Call): Promise<Response> => {
    const link = unstable_localLink<AppRouter>({
      router: appRouter,
      createContext: async () => contextOf(c, services, "in_process"),
    });
    return handle(c.req.raw, {
      api: createTRPCClient<AppRouter>({ links: [link] }),
      nonce: c.get("nonce"),
      requestId: c.get("requestId"),
      publicUrl: services.publicUrl,
      reportDefect: (err: unknown) => log.error({ err, requestId: c.get("requestId") }, "a page failed"),
    });
  };
}

const PAGE_METHODS = ["GET", "HEAD", "POST"];
const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"];

/** Pages are read, and their forms are sent; whatever else is asked of them is refused in a sentence. @throws not allowed */
export function requirePageRequest(): MiddlewareHandler {
  return async (c, next) => {
    const { method } = c.req;
    if (!PAGE_METHODS.includes(method))
      return c.text("Pages are read with GET and sent with POST.", 405, { allow: PAGE_METHODS.join(", ") });
    if (method === "POST" && !FORM_TYPES.includes(mediaTypeOf(c))) return c.text("Pages take forms only.", 415);
    return next();
  };
}
