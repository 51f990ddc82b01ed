import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { readEnvironment } from "../apps/server/src/env.ts";
import { createLog } from "../apps/server/src/log.ts";
import { startPortal } from "../apps/server/src/portal.ts";
import { runUntilSignal } from "../apps/server/src/run-until-signal.ts";
import { banner } from "./banner.ts";

/** `npm start`: builds what has changed, starts the portal, says where it is and who can sign in. */

const startedAt = performance.now();
const build = spawnSync(process.execPath, [resolve(import.meta.dirname, "build.ts"), "--output-logs=errors-only"], {
  stdio: ["ignore", "pipe", "inherit"],
  encoding: "utf8",
});
if (build.status !== 0) {
  process.stderr.write(`${build.stdout}\nThe pages could not be built; the lines above say why.\n`);
  process.exit(1);
}
try {
  // People read the banner; what the server has to say stays at what needs them, unless they ask for more.
  const environment = readEnvironment({ LOG_LEVEL: "warn", ...process.env });
  const log = createLog(environment);
  await runUntilSignal({
    start: () => startPortal(environment, log),
    log,
    onReady: (portal) => process.stdout.write(banner(portal, performance.now() - startedAt)),
    onFailed: explain,
  });
} catch (error) {
  explain(error);
  process.exit(1);
}

/** What went wrong, in one paragraph. The stack is for defects only. */
function explain(error: unknown): void {
  const isDefect = error instanceof TypeError || error instanceof ReferenceError || !(error instanceof Error);
  const text = isDefect ? ((error as Error).stack ?? String(error)) : error.message;
  process.stderr.write(`\n  Guildhall did not start.\n  ${text}\n\n`);
}
