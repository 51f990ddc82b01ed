import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Locations } from "./locations.ts";
import { giveToPostgres } from "./postgres-user.ts";

const run = promisify(execFile);

/** Name of the superuser of an embedded cluster. */
export const SUPERUSER = "postgres";

/** Options of initdb that matter here. */
export type ClusterOptions = { superuserPassword: string; durable: boolean };

/** Whether the cluster has been created. */
export function clusterExists(locations: Locations): boolean {
  return existsSync(join(locations.clusterDir, "PG_VERSION"));
}

/**
 * Creates the cluster: UTF-8, code point order (the same on every machine, no matter its C library), passwords for
 * everyone, checksums. It is made beside its place and moved there when complete, so that a crash leaves no half cluster.
 */
export async function createCluster(locations: Locations, options: ClusterOptions): Promise<void> {
  const { dataDir, clusterDir, user } = locations;
  await removeHalfMadeClusters(dataDir);
  const newDir = join(dataDir, `cluster.new-${process.pid}`);
  await mkdir(newDir, { mode: 0o700 });
  await giveToPostgres(newDir, user);
  const passwordFile = join(dataDir, "cluster.new-password");
  await writeFile(passwordFile, `${options.superuserPassword}\n`, { mode: 0o600 });
  await giveToPostgres(passwordFile, user);
  try {
    await initdb(locations, [
      `--pgdata=${newDir}`,
      `--pwfile=${passwordFile}`,
      `--username=${SUPERUSER}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--data-checksums",
      ...(options.durable ? [] : ["--no-sync"]),
    ]);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await writeFile(join(newDir, "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
  await rename(newDir, clusterDir);
}

async function initdb(locations: Locations, args: string[]): Promise<void> {
  const { binDir, user, dataDir } = locations;
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  try {
    await run(join(binDir, "initdb"), args, { ...identity, cwd: dataDir, env: postgresEnvironment });
  } catch (error) {
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(`initdb could not create the database cluster in ${dataDir}.\n${stderr}`, { cause: error });
  }
}

async function removeHalfMadeClusters(dataDir: string): Promise<void> {
  for (const entry of await readdir(dataDir)) {
    if (entry.startsWith("cluster.new-")) await rm(join(dataDir, entry), { recursive: true, force: true });
  }
}

/** @throws when the cluster was made by another major version than the binaries are. */
export async function assertClusterVersion(locations: Locations, binaryMajor: string): Promise<void> {
  const version = (await readFile(join(locations.clusterDir, "PG_VERSION"), "utf8")).trim();
  if (version === binaryMajor) return;
  throw new Error(
    `The database in ${locations.clusterDir} was made by Postgres ${version}, this is Postgres ${binaryMajor}. ` +
      `Dump it with version ${version} and load it into an empty directory.`,
  );
}

/** Environment of every Postgres program: nothing of ours leaks in (PG… variables would change what they do). */
export const postgresEnvironment = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } as unknown as NodeJS.ProcessEnv;
