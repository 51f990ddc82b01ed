import { randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareBinaries } from "./binaries.ts";
import { findPostgresUser, makePassable, mayReach, type PostgresUser } from "./postgres-user.ts";

/** Where one embedded cluster lives. */
export type Locations = {
  /** Ours: lock, credentials, and the cluster below it. */
  dataDir: string;
  /** Postgres's own data directory (PGDATA). */
  clusterDir: string;
  /** Directory with initdb and postgres. */
  binDir: string;
  /** Null when Postgres runs as the current user. */
  user: PostgresUser | null;
  /** One line for the log when the data could not be where it was asked for; null otherwise. */
  note: string | null;
};

const CHECKOUT_DIR = fileURLToPath(new URL("../../../../", import.meta.url));

/** Where root's Postgres finds what it cannot reach in a private checkout. */
const PRIVATE_ROOT = "/var/lib/guildhall";

/** The directory used when none is given: `.data/postgres` in the checkout. */
export const DEFAULT_DATA_DIR = join(CHECKOUT_DIR, ".data", "postgres");

/**
 * Decides user, data directory and binaries, and creates the directories. As root Postgres runs as another user, who
 * may be unable to reach a checkout below a private home; then data and binaries go to /var/lib/guildhall instead.
 */
export async function prepareLocations(wantedDataDir: string): Promise<Locations> {
  const wanted = resolve(wantedDataDir);
  const wantedUser = await findPostgresUser(clusterIn(wanted));
  const dataDir = await chooseDataDirectory(wanted, wantedUser);
  const user = dataDir === wanted ? wantedUser : await findPostgresUser(clusterIn(dataDir));
  await makeDataDirectory(dataDir, user);
  const binDir = await prepareBinaries(user, PRIVATE_ROOT);
  return { dataDir, clusterDir: clusterIn(dataDir), binDir, user, note: note(wanted, dataDir, user) };
}

function clusterIn(dataDir: string): string {
  return join(dataDir, "cluster");
}

function note(wanted: string, dataDir: string, user: PostgresUser | null): string | null {
  if (user === null || wanted === dataDir) return null;
  return `User "${user.name}", as whom Postgres runs, cannot reach ${wanted}; the data is in ${dataDir}.`;
}

/**
 * The wanted directory, or the one that stands for it. Which one that is stands in the wanted one itself: it goes with
 * the checkout, so that another checkout at the same path later begins anew, and removing `.data` does what it says.
 */
async function chooseDataDirectory(wanted: string, user: PostgresUser | null): Promise<string> {
  const moved = join(wanted, "moved-to");
  if (existsSync(moved)) return (await readFile(moved, "utf8")).trim();
  if (user === null || mayReach(dirname(wanted), user)) return wanted;
  if (existsSync(clusterIn(wanted))) {
    throw new Error(`User "${user.name}", as whom Postgres runs, can no longer reach its data in ${wanted}.`);
  }
  await mkdir(wanted, { recursive: true });
  const stand = join(PRIVATE_ROOT, `${basename(CHECKOUT_DIR)}-${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(moved, `${stand}\n`, { flag: "wx" });
    return stand;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return (await readFile(moved, "utf8")).trim(); // Another process decided at the same time.
  }
}

async function makeDataDirectory(dataDir: string, user: PostgresUser | null): Promise<void> {
  try {
    // Postgres passes through to its cluster and can list nothing on the way.
    if (user) await makePassable(dataDir);
    else await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`The data directory ${dataDir} cannot be created or written by this user.`, { cause: error });
  }
}
