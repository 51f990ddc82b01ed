import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { appRouter, createAcceptUse, createApiKeys, createServices, type RunningServices } from "@guildhall/api/server";
import { assertAppRole, migrate, openDatabase } from "@guildhall/db";
import { startEmbeddedPostgres } from "@guildhall/db/embedded";
import { systemClock } from "@guildhall/shared";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { Logger } from "pino";
import { type DemoLogins, loadDemo } from "./demo/load-demo.ts";
import type { Environment } from "./env.ts";
import { createApp, createStartingApp } from "./http/app.ts";
import { loadPages, type PageSource } from "./http/pages.ts";
import { createDeadlineServer } from "./http/receive-deadline.ts";
import { createSingleUses } from "./http/rest-usage.ts";
import { createShortUse } from "./http/short-use.ts";
import { type Answer, createUsageFastPath } from "./http/usage-fast-path.ts";
import { attachLiveGateway } from "./live/index.ts";
import { assertOwnKey, openSealer } from "./secret-key.ts";
import { StopList } from "./stop-list.ts";
import { createUseAnswer, listenForUses, type UsageListener, type UseAnswerOptions } from "./usage-socket/index.ts";
import { createPostroom, mailDeliveryOf } from "./worker/postroom.ts";
import { startWorker } from "./worker/start-worker.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");

/** Connections that may wait to be accepted, as far as the system allows: programs open thousands at a time. */
const MOST_UNACCEPTED = 4_096;

/** A running portal. */
export interface Portal {
  url: string;
  /** Where the demo's people can sign in; undefined without the demo. */
  demo: DemoLogins | undefined;
  /** Finishes what is under way, tells open pages to reconnect, stops Postgres last. Idempotent. */
  stop(): Promise<void>;
}

/** What development replaces: pages straight from the sources instead of from a build. */
export interface PortalOptions {
  pages?: PageSource;
  /** Sees every request first (Vite's own files); calls `next` for what is not its own. */
  before?: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
}

/**
 * Starts everything, in the order in which one needs the other: port, Postgres, schema, engines, pages, live channel.
 * The port comes first: it is what most often fails, and health checks are answered from then on.
 * @throws when the port is taken, the database is unreachable or unsafe, or a migration fails; nothing is left running
 */
export async function startPortal(environment: Environment, log: Logger, options: PortalOptions = {}): Promise<Portal> {
  const stops = new StopList(log);
  try {
    const { server, uses, serve, url } = await listen(environment, stops, options);
    const services = await startServices(environment, { log, stops, url });
    const demo = environment.DEMO ? await loadDemo(services, inData(environment, "demo-keys.json")) : undefined;
    const allowedOrigins = [...environment.ALLOWED_ORIGINS, ...otherNamesOf(environment, url)];
    const pages = options.pages ?? (await loadPages(resolve(CHECKOUT, "apps/web")));
    // Again, since requests under way need what was started since: closing twice is closing once.
    stops.add("http", () => closeServer(server, uses));
    const gateway = attachLiveGateway({
      server,
      services,
      router: appRouter,
      publicUrl: url,
      allowedOrigins,
      trustedProxies: environment.TRUSTED_PROXIES,
      log,
    });
    stops.add("live channel", () => gateway.stop());
    const { rest, inFront } = usageWays(services, log);
    const app = createApp({ environment, allowedOrigins, services, pages, log, rest, facts: () => gateway.counts() });
    serve(app, inFront);
    stops.add("readiness", async () => serve(createStartingApp()));
    log.info({ url }, "listening");
    return { url, demo, stop: () => stops.run().then(() => log.info({}, "stopped")) };
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function listen(environment: Environment, stops: StopList, { before }: PortalOptions) {
  let app: Hono = createStartingApp();
  const answerNormally = getRequestListener((request, bindings) => app.fetch(request, bindings));
  const normalWay: Answer = (request, response) => void answerNormally(request, response);
  let answer = normalWay;
  const server = createDeadlineServer((request, response) => {
    if (before) before(request, response, () => answer(request, response));
    else answer(request, response);
  });
  const uses = listenForUses(server);
  await new Promise<void>((resolveListening, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explainListenError(error, environment)));
    const { PORT: port, HOST: host } = environment;
    server.listen({ port, host, backlog: MOST_UNACCEPTED }, resolveListening);
  });
  stops.add("http", () => closeServer(server, uses));
  const { port } = server.address() as AddressInfo;
  const url = (environment.PUBLIC_URL ?? `http://localhost:${port}`).replace(/\/+$/, "");
  const serve = (next: Hono, inFront?: ReturnType<typeof usageWays>["inFront"]) => {
    app = next;
    answer = inFront ? inFront.onRequests(normalWay) : normalWay;
    uses.serve(inFront?.onSockets((request, socket) => next.fetch(request, { incoming: { socket } })));
  };
  return { server, uses, serve, url };
}

/** The ways of a reported use share what is known of keys, and the room. */
function usageWays(services: RunningServices, log: Logger) {
  const apiKeys = createApiKeys(services);
  const singleUses = createSingleUses();
  const shortUse = createShortUse({ apiKeys, acceptUse: createAcceptUse(services), singleUses });
  const options = { shortUse, publicUrl: services.publicUrl, log };
  const inFront = {
    onRequests: (normalWay: Answer) => createUsageFastPath(options, normalWay),
    onSockets: (answerNormally: UseAnswerOptions["answerNormally"]) =>
      createUseAnswer({ ...options, apiKeys, answerNormally }),
  };
  return { rest: { apiKeys, singleUses }, inFront };
}

/** At home the portal has two names: whoever types 127.0.0.1 where the banner says localhost is no stranger. */
function otherNamesOf({ PUBLIC_URL }: Environment, url: string): string[] {
  return PUBLIC_URL ? [] : [url.replace("//localhost:", "//127.0.0.1:")];
}

function explainListenError(error: NodeJS.ErrnoException, { PORT, HOST }: Environment): Error {
  if (error.code === "EADDRINUSE") {
    return new Error(
      `Port ${PORT} is taken by another program. Stop it, or choose another port: PORT=${PORT + 1} npm start`,
    );
  }
  if (error.code === "EACCES")
    return new Error(`Port ${PORT} needs more rights than this user has. Choose one above 1023.`);
  if (error.code === "EADDRNOTAVAIL") return new Error(`This machine has no address ${HOST}. Check HOST.`);
  return error;
}

interface Surroundings {
  log: Logger;
  stops: StopList;
  url: string;
}

async function startServices(environment: Environment, { log, stops, url }: Surroundings) {
  const { appUrl, ownerUrl } = await findPostgres(environment, { log, stops });
  await migrate(ownerUrl, { onApply: (name) => log.info({ migration: name }, "migrated") });
  const db = openDatabase({
    url: appUrl,
    maxConnections: environment.DATABASE_CONNECTIONS,
    applicationName: "guildhall",
    onNotice: (notice) => log.debug({ notice }, "postgres notice"),
  });
  stops.add("connections to Postgres", () => db.close());
  await assertAppRole(db);
  const sealer = await openSealer({
    configured: environment.SECRET_KEY ?? [],
    file: inData(environment, "secret-key"),
  });
  await assertOwnKey(db, sealer, systemClock);
  const mailDelivery = mailDeliveryOf(environment);
  const services: RunningServices = createServices({
    db,
    clock: systemClock,
    publicUrl: url,
    log,
    sealer,
    mailDelivery,
  });
  stops.add("engines", () => services.stop());
  const postroom = createPostroom(environment, services);
  const worker = await startWorker({ ownerUrl, services, postroom, log });
  stops.add("jobs", () => worker.stop());
  return services;
}

async function findPostgres(environment: Environment, { log, stops }: Pick<Surroundings, "log" | "stops">) {
  if (environment.DATABASE_URL) {
    return { appUrl: environment.DATABASE_URL, ownerUrl: environment.DATABASE_OWNER_URL ?? environment.DATABASE_URL };
  }
  const postgres = await startEmbeddedPostgres({
    dataDir: inData(environment, "postgres"),
    onNotice: (line) => log.info(line),
    onLog: (line) => log.debug({ line }, "postgres"),
  });
  stops.add("Postgres", () => postgres.stop());
  // Without its database the portal is of no use: end loudly, so that whoever supervises it starts it again.
  void postgres.exited.then(() => {
    if (!stops.isRunning) throw new Error("The embedded Postgres ended by itself.");
  });
  return postgres;
}

function inData(environment: Environment, name: string): string {
  return resolve(CHECKOUT, environment.DATA_DIR, name);
}

const DRAIN_MS = 5_000;

/** Lets requests under way finish, then cuts what is left: a page that keeps its connection open must not hold the stop. */
async function closeServer(server: Server, uses: UsageListener): Promise<void> {
  const closed = new Promise<void>((resolveClosed) => server.close(() => resolveClosed()));
  server.closeIdleConnections();
  uses.endAll();
  const cut = setTimeout(() => {
    server.closeAllConnections();
    uses.cutAll();
  }, DRAIN_MS);
  await closed;
  clearTimeout(cut);
}
