import { spawn } from "node:child_process";
import { join, resolve } from "node:path";

const HOUSE = resolve(import.meta.dirname, "..");

/** Turborepo reports usage unless the environment says no; it has no setting in turbo.json for it. */
const QUIET = { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };

/** Builds what needs a build (the web app), or takes it from the cache in .turbo. Resolves to the exit code. */
function build(extraArguments: string[]): Promise<number> {
  const turbo = join(HOUSE, "node_modules", "turbo", "bin", "turbo");
  const child = spawn(process.execPath, [turbo, "run", "build", ...extraArguments], {
    cwd: HOUSE,
    stdio: "inherit",
    env: { ...process.env, ...QUIET },
  });
  return new Promise((resolveCode, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolveCode(code ?? 1));
  });
}

process.exitCode = await build(process.argv.slice(2));
