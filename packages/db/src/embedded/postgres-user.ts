import { existsSync, statSync } from "node:fs";
import { chmod, chown, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The operating system user Postgres runs as, when that is not ourselves (Postgres refuses to run as root). */
export type PostgresUser = { name: string; uid: number; gid: number };

/**
 * Who runs Postgres: null for ourselves. As root it is the owner of the cluster if there is one already (a user postgres
 * may have come to the machine since), else postgres, else nobody.
 */
export async function findPostgresUser(clusterDir: string): Promise<PostgresUser | null> {
  if (process.getuid?.() !== 0) return null;
  const users = (await readFile("/etc/passwd", "utf8"))
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  if (existsSync(clusterDir)) {
    const { uid, gid } = statSync(clusterDir);
    return { name: users.find((user) => user.uid === uid)?.name ?? `number ${uid}`, uid, gid };
  }
  const user = users.find(({ name }) => name === "postgres") ?? users.find(({ name }) => name === "nobody");
  if (user) return user;
  throw new Error("Postgres refuses to run as root, and there is neither a user postgres nor nobody to run it as.");
}

/** Whether the user may pass through every directory down to this path, and enter or execute it. */
export function mayReach(path: string, user: PostgresUser): boolean {
  for (let step = nearestExisting(path); ; step = dirname(step)) {
    const { mode, uid, gid } = statSync(step);
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
    if (((mode >> shift) & 0o1) === 0) return false;
    if (step === dirname(step)) return true;
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Makes a directory that others can pass through but not list, whatever our umask is. */
export async function makePassable(dir: string): Promise<void> {
  const firstMade = (await mkdir(dir, { recursive: true })) ?? dir;
  for (let made = dir; made.startsWith(firstMade); made = dirname(made)) await chmod(made, 0o711);
}

/** Gives a path to the user Postgres runs as; nothing to do when that is ourselves. */
export async function giveToPostgres(path: string, user: PostgresUser | null): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}
