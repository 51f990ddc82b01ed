import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { REPOSITORY } from "./portal.ts";

const BUILD = join(REPOSITORY, "apps", "web", "build", "server", "index.js");

/** What ends up in the web build. */
const SOURCES = [
  "apps/web/app",
  "apps/web/vite.config.ts",
  "apps/web/package.json",
  "packages/api/src",
  "packages/auth/src",
  "packages/live/src",
  "packages/shared/src",
  "apps/web/public",
  "package-lock.json",
].map((path) => join(REPOSITORY, path));

/** Builds the web app unless the last build is newer than everything it is made of. */
export async function buildWebIfStale(): Promise<void> {
  const builtAt = await modifiedAt(BUILD);
  const changedAt = Math.max(...(await Promise.all(SOURCES.map(newestIn))));
  if (builtAt > changedAt) return;
  await promisify(execFile)("npm", ["run", "build"], {
    cwd: REPOSITORY,
    maxBuffer: 64 * 1024 * 1024,
    // Vitest says "test", and React would be built in its slow, talkative form.
    env: { ...process.env, NODE_ENV: "production", TURBO_TELEMETRY_DISABLED: "1" },
  }).catch((cause) => {
    throw new Error(`The web app does not build.\n${cause.stdout}\n${cause.stderr}`, { cause });
  });
}

async function newestIn(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return modifiedAt(path);
  const files = entries.filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name));
  return Math.max(0, ...(await Promise.all(files.map((entry) => modifiedAt(join(entry.parentPath, entry.name))))));
}

/** Milliseconds since 1970, or 0 when there is no such file. */
async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}
