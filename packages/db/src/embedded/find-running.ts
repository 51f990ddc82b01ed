import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DATABASE_NAME } from "../bootstrap-roles.ts";
import { loadCredentials } from "./credentials.ts";
import { isAlive } from "./orphan.ts";

/** Lines of postmaster.pid, counted from zero. */
const PID_LINE = 0;
const PORT_LINE = 3;

/**
 * Finds the Postgres that another process of this checkout runs on a data directory, for tools that only look. Undefined when
 * none runs. The pid may belong to a stranger after a crash: then connecting fails, and says so.
 */
export async function findRunningPostgres(wantedDataDir: string): Promise<{ appUrl: string } | undefined> {
  const wanted = resolve(wantedDataDir);
  const moved = join(wanted, "moved-to");
  const dataDir = existsSync(moved) ? (await readFile(moved, "utf8")).trim() : wanted;
  const pidFile = join(dataDir, "cluster", "postmaster.pid");
  if (!existsSync(pidFile)) return undefined;
  const lines = (await readFile(pidFile, "utf8")).split("\n");
  const [pid, port] = [Number(lines[PID_LINE]), Number(lines[PORT_LINE])];
  if (!(pid > 0) || !(port > 0) || !isAlive(pid)) return undefined;
  const { app } = await loadCredentials(dataDir, true);
  return { appUrl: `postgres://guildhall_app:${app}@127.0.0.1:${port}/${DATABASE_NAME}` };
}
