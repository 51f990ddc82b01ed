import type { RunningServices } from "@guildhall/api/server";
import type { HttpBindings } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type Context as HonoContext } from "hono";
import type { Logger } from "pino";
import type { Environment } from "../env.ts";
import { AUDIT_EXPORT_PATH, auditExport } from "./audit-export.ts";
import { clientAddress } from "./client-address.ts";
import { devMail } from "./dev-mail.ts";
import { answerError } from "./error-answer.ts";
import { healthRoutes } from "./health.ts";
import { MEMBERS_EXPORT_PATH, membersExport } from "./members-export.ts";
import { forwardMovedForms } from "./moved-forms.ts";
import { requireOwnOrigin } from "./origin.ts";
import { type PageSource, pageHandler, requirePageRequest } from "./pages.ts";
import { limitBodyOfPages, requireJson } from "./request-body.ts";
import { requestLog } from "./request-log.ts";
import { createRestApi, type RestOptions } from "./rest.ts";
import { securityHeaders } from "./security-headers.ts";
import { sessionOf } from "./session.ts";
import { signInCookieOf } from "./sign-in-cookie.ts";
import { trpcHandler } from "./trpc.ts";
import type { HttpVariables } from "./variables.ts";
import { WALLET_EXPORT_PATH, walletExport } from "./wallet-export.ts";

export interface AppOptions {
  environment: Environment;
  /** Beside the public URL's. */
  allowedOrigins: string[];
  services: RunningServices;
  pages: PageSource;
  log: Logger;
  /** What the interface for programs shares with its short way. */
  rest?: RestOptions;
  /** Plain numbers for /readyz. */
  facts(): Record<string, number>;
}

type App = Hono<{ Bindings: HttpBindings; Variables: HttpVariables }>;

/**
 * Everything that answers over HTTP. The order is the design: an id and a log line for every request, health before
 * anything that can fail, programs with keys before cookies are looked at, then origin and size before a body is read.
 */
export function createApp({ environment, allowedOrigins, services, pages, log, rest, facts }: AppOptions): Hono {
  const { publicUrl } = services;
  const app: App = new Hono();
  app.onError((error, c) => answerError(error, c, log));
  app.use(requestLog(log));
  app.use(clientAddress(environment.TRUSTED_PROXIES));
  app.use(securityHeaders({ publicUrl, isDevelopment: environment.NODE_ENV === "development" }));
  app.route(
    "/",
    healthRoutes(() => ({ db: services.db, facts })),
  );
  app.route("/api/v1", createRestApi(services, rest));
  if (services.mailDelivery === "captured") app.route("/dev/mail", devMail(services.db));
  if (pages.assetsDirectory) serveAssets(app, pages.assetsDirectory);
  app.use(sessionOf({ sessions: services.sessions, publicUrl }));
  app.use(signInCookieOf(publicUrl));
  app.use(requireOwnOrigin({ publicUrl, allowedOrigins }));
  app.use(limitBodyOfPages());
  app.get(WALLET_EXPORT_PATH, walletExport(services));
  app.get(AUDIT_EXPORT_PATH, auditExport(services));
  app.get(MEMBERS_EXPORT_PATH, membersExport(services));
  app.use("/trpc/*", requireJson());
  app.all("/trpc/*", trpcHandler(services));
  app.use(requirePageRequest(), forwardMovedForms(services));
  const mode = environment.NODE_ENV === "development" ? "development" : "production";
  app.all("*", pageHandler(services, pages, mode));
  return app as unknown as Hono;
}

/** What answers while the portal starts and stops: alive, not ready. */
export function createStartingApp(): Hono {
  return new Hono()
    .route(
      "/",
      healthRoutes(() => undefined),
    )
    .all("*", (c) => c.text("Guildhall is starting or stopping. Try again in a moment.", 503, { "retry-after": "1" }));
}

/** The build's files carry a hash in their names: a browser that has one never asks again. */
function serveAssets(app: App, root: string): void {
  const foundForever = (_path: string, c: HonoContext) =>
    c.header("cache-control", "public, max-age=31536000, immutable");
  app.get("/assets/*", serveStatic({ root, onFound: foundForever, precompressed: true }));
  app.get(
    "/favicon.svg",
    serveStatic({ root, onFound: (_path, c) => c.header("cache-control", "public, max-age=3600") }),
  );
  app.get("/favicon.ico", (c) => c.redirect("/favicon.svg", 301));
}
