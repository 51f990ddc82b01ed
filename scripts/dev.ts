import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { readEnvironment } from "../apps/server/src/env.ts";
import { startEmbeddedPostgres } from "../packages/db/src/embedded/index.ts";

/**
 * `npm run dev`: the portal from its sources. Pages reload as they are edited (Vite); a change to the server or a
 * package restarts the server under a Postgres that keeps running, which is why that one is held here.
 */

const house = resolve(import.meta.dirname, "..");
const environment = readEnvironment({ ...process.env, NODE_ENV: "development" });
const postgres = environment.DATABASE_URL
  ? undefined
  : await startEmbeddedPostgres({ dataDir: resolve(house, environment.DATA_DIR, "postgres") });
const watched = ["apps/server/src", "packages", "scripts/dev-server.ts"].map(
  (path) => `--watch-path=${resolve(house, path)}`,
);
const server = spawn(
  process.execPath,
  [...watched, "--watch-preserve-output", resolve(house, "scripts/dev-server.ts")],
  {
    stdio: "inherit",
    env: {
      LOG_FORMAT: "pretty",
      ...process.env,
      NODE_ENV: "development",
      ...(postgres && {
        DATABASE_URL: postgres.appUrl,
        DATABASE_OWNER_URL: postgres.ownerUrl,
        DEMO: String(environment.DEMO),
      }),
    },
  },
);
// The terminal sends Ctrl-C to the whole group: the child ends by itself, and Postgres is stopped after it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.kill(signal));
server.once("exit", async (code) => {
  await postgres?.stop();
  process.exit(code ?? 0);
});
