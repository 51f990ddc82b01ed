import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const FAST_SHUTDOWN_MS = 20_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const POLL_MS = 20;

/** Above every pid a kernel hands out, so it never names a living process. */
const IMPOSSIBLE_PID = 2_147_483_646;

/**
 * Clears what a killed server left behind: stops a postmaster still running on this cluster, and disarms a pid file
 * whose process id belongs to a stranger by now. Only call it under the data directory's lock.
 * @returns what was done, for the log; null when all was clean.
 */
export async function recoverOrphan(clusterDir: string): Promise<string | null> {
  const pidFile = join(clusterDir, "postmaster.pid");
  if (!existsSync(pidFile)) return null;
  const lines = readFileSync(pidFile, "utf8").split("\n");
  const pid = Number.parseInt(lines[0] ?? "", 10);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null; // Postgres itself copes with a dead one.
  if (isPostmasterOf(pid, clusterDir)) {
    await stopPostmaster(pid);
    return `stopped the Postgres that it had left running (process ${pid})`;
  }
  // Postgres would refuse to start, for it takes any living process of its own user for a postmaster. The file stays,
  // for its other lines let Postgres check that no backend still has the old shared memory open.
  await writeFile(pidFile, [String(IMPOSSIBLE_PID), ...lines.slice(1)].join("\n"));
  return `ignored a stale postmaster.pid (process ${pid} is not Postgres on this data)`;
}

/** Asks a postmaster to end its sessions and stop; insists when it does not. Resolves when the process is gone. */
export async function stopPostmaster(pid: number): Promise<void> {
  const steps = [
    { signal: "SIGINT", waitMs: FAST_SHUTDOWN_MS },
    { signal: "SIGQUIT", waitMs: IMMEDIATE_SHUTDOWN_MS },
    { signal: "SIGKILL", waitMs: IMMEDIATE_SHUTDOWN_MS },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!sendSignal(pid, signal)) return;
    for (let waited = 0; waited < waitMs; waited += POLL_MS) {
      if (!isAlive(pid)) return;
      await sleep(POLL_MS);
    }
  }
  throw new Error(`Postgres process ${pid} does not stop.`);
}

/** Sends a signal; false when there is no such process any more. */
function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Whether a process runs; one that has ended and only waits to be fetched does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A zombie holds nothing any more; it only waits for a parent that may never fetch it (in a container without init). */
function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** A postmaster's working directory is its data directory, which no other program has by accident. */
function isPostmasterOf(pid: number, clusterDir: string): boolean {
  try {
    if (process.platform === "linux") {
      const isPostgres = readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "postgres";
      return isPostgres && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(clusterDir);
    }
    const command = execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    return command.includes("postgres") && command.includes(clusterDir);
  } catch {
    return false; // Gone meanwhile, or another user's, whose processes cannot be ours.
  }
}
