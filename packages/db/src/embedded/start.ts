import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { BOOTSTRAP_ROLES_FILE, bootstrapRoles, DATABASE_NAME } from "../bootstrap-roles.ts";
import { assertClusterVersion, clusterExists, createCluster, SUPERUSER } from "./cluster.ts";
import { type Credentials, loadCredentials, saveCredentials } from "./credentials.ts";
import { lockDataDirectory } from "./data-lock.ts";
import { DEFAULT_DATA_DIR, type Locations, prepareLocations } from "./locations.ts";
import { recoverOrphan } from "./orphan.ts";
import { type Postmaster, startPostmaster } from "./postmaster.ts";

const POSTGRES_MAJOR = "18";

/** How to run the embedded Postgres. */
export type EmbeddedPostgresOptions = {
  /** Where data, credentials and lock live. Default: `.data/postgres` in the checkout. */
  dataDir?: string | undefined;
  /** TCP port on 127.0.0.1. Default: any free one, chosen at each start. */
  port?: number | undefined;
  /** Receives what an operator should know: a new cluster, a recovery, data that had to go elsewhere. */
  onNotice?: ((line: string) => void) | undefined;
  /** Receives every line of Postgres's log. */
  onLog?: ((line: string) => void) | undefined;
  /** False switches fsync off: fast, and lost after a power cut. Tests only. Default: true. */
  durable?: boolean | undefined;
};

/** A running embedded Postgres. */
export type EmbeddedPostgres = {
  /** Owns the database; for migrations only. */
  ownerUrl: string;
  /** What the server connects as. */
  appUrl: string;
  /** For tests that create databases, and for support. */
  superuserUrl: string;
  /** Where the data really is (as root it may be elsewhere than asked, see the log). */
  dataDir: string;
  port: number;
  /** Process id of the postmaster. */
  pid: number;
  /** Resolves when Postgres has ended, also when nobody asked it to. */
  exited: Promise<void>;
  /** Ends all sessions, writes a checkpoint, stops, releases the directory. Close your pools first. Idempotent. */
  stop(): Promise<void>;
};

/**
 * Starts the Postgres that comes with the npm packages, creating the cluster, the roles and the database at first use.
 * Recovers by itself from a killed predecessor.
 * @throws DataDirectoryInUseError when another process runs on this directory.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const { dataDir = DEFAULT_DATA_DIR, port, onLog = ignore, onNotice = ignore, durable = true } = options;
  const locations = await prepareLocations(dataDir);
  if (locations.note) onNotice(locations.note);
  const lock = lockDataDirectory(locations.dataDir);
  try {
    const credentials = await prepareCluster(locations, { durable, onNotice });
    const postmaster = await startPostmaster(locations, { port, durable, onLog });
    const running = describe(locations, postmaster, credentials);
    await bootstrapOnce(running, credentials).catch(async (error) => {
      await postmaster.stop();
      throw error;
    });
    const stop = () => postmaster.stop().then(() => lock.release());
    return { ...running, stop };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function ignore(): void {}

type Preparation = { durable: boolean; onNotice(line: string): void };

async function prepareCluster(locations: Locations, { durable, onNotice }: Preparation): Promise<Credentials> {
  const exists = clusterExists(locations);
  const credentials = await loadCredentials(locations.dataDir, exists);
  if (!exists) {
    onNotice(`Creating the database in ${locations.dataDir}.`);
    await createCluster(locations, { superuserPassword: credentials.superuser, durable });
    return credentials;
  }
  await assertClusterVersion(locations, POSTGRES_MAJOR);
  const recovered = await recoverOrphan(locations.clusterDir);
  if (recovered) onNotice(`Recovered from a server that was killed: ${recovered}.`);
  return credentials;
}

type Running = Omit<EmbeddedPostgres, "stop">;

function describe(locations: Locations, postmaster: Postmaster, credentials: Credentials): Running {
  const { pid, port, exited } = postmaster;
  const url = (user: string, password: string, database: string) =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  return {
    ownerUrl: url("guildhall_owner", credentials.owner, DATABASE_NAME),
    appUrl: url("guildhall_app", credentials.app, DATABASE_NAME),
    superuserUrl: url(SUPERUSER, credentials.superuser, "postgres"),
    dataDir: locations.dataDir,
    port,
    pid,
    exited,
  };
}

/** Creates roles and database when this cluster has not yet seen this version of the SQL; saves a connection else. */
async function bootstrapOnce(running: Running, credentials: Credentials): Promise<void> {
  const version = createHash("sha256")
    .update(await readFile(BOOTSTRAP_ROLES_FILE))
    .digest("hex");
  if (credentials.bootstrappedWith === version) return;
  await bootstrapRoles(running.superuserUrl, credentials);
  await saveCredentials(running.dataDir, { ...credentials, bootstrappedWith: version });
}
