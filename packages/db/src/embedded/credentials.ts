import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { RolePasswords } from "../bootstrap-roles.ts";

/** What must be remembered between starts of one embedded cluster. Kept in a file only its owner may read. */
export type Credentials = RolePasswords & {
  superuser: string;
  /** Hash of the bootstrap SQL this cluster has run; null until it has. */
  bootstrappedWith: string | null;
};

/** Reads the cluster's credentials, or makes new ones when there is no cluster yet. */
export async function loadCredentials(dataDir: string, clusterExists: boolean): Promise<Credentials> {
  const file = credentialsFile(dataDir);
  if (existsSync(file)) return JSON.parse(await readFile(file, "utf8")) as Credentials;
  if (clusterExists) {
    throw new Error(`${file} is missing, so nobody can log in to the cluster beside it. Restore it from a backup.`);
  }
  const credentials = { superuser: password(), owner: password(), app: password(), bootstrappedWith: null };
  await saveCredentials(dataDir, credentials);
  return credentials;
}

/** Replaces the file in one step, so that a crash leaves the old or the new one, never half of it. */
export async function saveCredentials(dataDir: string, credentials: Credentials): Promise<void> {
  const file = credentialsFile(dataDir);
  const handle = await open(`${file}.new`, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

function credentialsFile(dataDir: string): string {
  return join(dataDir, "credentials.json");
}

function password(): string {
  return randomBytes(24).toString("base64url");
}
