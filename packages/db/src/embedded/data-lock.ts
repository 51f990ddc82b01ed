import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Thrown when another running process already uses the data directory. */
export class DataDirectoryInUseError extends Error {
  override name = "DataDirectoryInUseError";
  /** Process id of the server that holds the directory; null in the instant before it has written it down. */
  readonly pid: number | null;

  constructor(dataDir: string, pid: number | null) {
    const who = pid === null ? "another process" : `process ${pid}`;
    super(
      `The data directory ${dataDir} is in use by ${who}. Stop that server first, or give this one another directory.`,
    );
    this.pid = pid;
  }
}

/** A held lock; release() is idempotent. */
export type DataLock = { release(): void };

/**
 * Takes the data directory for this process. The lock is SQLite's lock on an empty file, because that is a lock of the
 * kernel which Node can reach without a native module: it ends with the process, also after kill -9, so that there are
 * no stale locks to judge by process ids that may by now belong to somebody else.
 * @throws DataDirectoryInUseError at once, naming the holder.
 */
export function lockDataDirectory(dataDir: string): DataLock {
  const holderFile = join(dataDir, "server.pid");
  const lockFile = new DatabaseSync(join(dataDir, "server.lock"), { timeout: 0 });
  try {
    lockFile.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lockFile.close();
    if (!isBusy(error)) throw error;
    throw new DataDirectoryInUseError(dataDir, readPid(holderFile));
  }
  writeFileSync(holderFile, `${process.pid}\n`);
  let held = true;
  return {
    release() {
      if (held) lockFile.close();
      held = false;
    },
  };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}

function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
    return Number.isInteger(pid) ? pid : null;
  } catch {
    return null; // The holder has locked but not yet written its id: nothing is known, and nothing is wrong.
  }
}
