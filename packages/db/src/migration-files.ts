import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of SQL that is applied once, in order of its number. */
export type MigrationFile = { name: string; path: string; text: string; sha256: string };

/** Where the portal's own migrations are. */
export const MIGRATIONS_DIR = fileURLToPath(new URL("../migrations/", import.meta.url));

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * Reads the migrations of a directory in order.
 * @throws when a name does not look like 0001_what_it_does.sql or two share a number.
 */
export async function readMigrationFiles(dir: string): Promise<MigrationFile[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(".sql")).sort();
  assertNames(dir, names);
  return Promise.all(
    names.map(async (name) => {
      const path = join(dir, name);
      const text = await readFile(path, "utf8");
      return { name, path, text, sha256: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

function assertNames(dir: string, names: string[]): void {
  const byNumber = new Map<string, string>();
  for (const name of names) {
    const number = FILE_NAME.exec(name)?.[1];
    if (!number) throw new Error(`${join(dir, name)}: a migration is named like 0001_what_it_does.sql.`);
    const other = byNumber.get(number);
    if (other) throw new Error(`${other} and ${name} in ${dir} have the same number.`);
    byNumber.set(number, name);
  }
}
