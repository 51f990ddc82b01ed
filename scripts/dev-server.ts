import { resolve } from "node:path";
import { createServer } from "vite";
import { readEnvironment } from "../apps/server/src/env.ts";
import { createLog } from "../apps/server/src/log.ts";
import { startPortal } from "../apps/server/src/portal.ts";
import { runUntilSignal } from "../apps/server/src/run-until-signal.ts";
import { banner } from "./banner.ts";

/** The server of `npm run dev`: pages come straight from Vite, which lives and restarts with it. */

const environment = readEnvironment();
const log = createLog(environment);
// Remix's plugin reads its configuration from the working directory.
process.chdir(resolve(import.meta.dirname, "../apps/web"));
const vite = await createServer({ server: { middlewareMode: true, host: "127.0.0.1" }, appType: "custom" });
const startedAt = performance.now();
await runUntilSignal({
  start: () =>
    startPortal(environment, log, {
      pages: { build: () => vite.ssrLoadModule("virtual:remix/server-build") as never },
      before: vite.middlewares,
    }),
  log,
  onReady: (portal) => process.stdout.write(banner(portal, performance.now() - startedAt)),
});
