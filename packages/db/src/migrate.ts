import postgres from "postgres";
import { MIGRATIONS_DIR, type MigrationFile, readMigrationFiles } from "./migration-files.ts";

/** Options of migrate(). */
export type MigrateOptions = {
  /** Default: the portal's own migrations. */
  migrationsDir?: string | undefined;
  /** Called before each file is applied. */
  onApply?: ((name: string) => void) | undefined;
};

/** Thrown when a migration cannot be applied or the applied ones are not those in the directory. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

/** Any constant: processes that migrate the same database wait for each other on it. */
const ADVISORY_LOCK = 7_105_112_108n;

/**
 * Brings the database up to date: applies what is missing, in order, each file in a transaction of its own. Holds an
 * advisory lock, so that any number of processes may call it at once. Connect as the owner.
 * @returns the names of the files applied now.
 * @throws MigrationError when the server is too old, when an applied file has changed or is gone, or when a file fails (nothing of it remains).
 */
export async function migrate(ownerUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const files = await readMigrationFiles(options.migrationsDir ?? MIGRATIONS_DIR);
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {}, connection: { application_name: "guildhall-migrate" } });
  try {
    assertVersion(await readVersion(sql));
    await sql`SELECT pg_advisory_lock(${String(ADVISORY_LOCK)}::bigint)`;
    const pending = await findPending(sql, files);
    for (const file of pending) {
      options.onApply?.(file.name);
      await apply(sql, file);
    }
    return pending.map((file) => file.name);
  } finally {
    await sql.end({ timeout: 5 }); // Ends the session, and with it the lock.
  }
}

/** The migrations use what 18 brought: RETURNING tells what a row was before. */
const OLDEST_MAJOR = 18;

/** Refuses a server that the migrations do not run on. `version` is its server_version_num: 180004 for 18.4. @throws MigrationError */
export function assertVersion(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major >= OLDEST_MAJOR) return;
  throw new MigrationError(
    `This is Postgres ${major}; the portal needs ${OLDEST_MAJOR} or later. Nothing was changed.`,
  );
}

async function readVersion(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ version: number }[]>`SELECT current_setting('server_version_num')::int AS version`;
  return row?.version ?? 0;
}

type Applied = { name: string; sha256: string };

async function findPending(sql: postgres.Sql, files: MigrationFile[]): Promise<MigrationFile[]> {
  await sql`
    CREATE TABLE IF NOT EXISTS public.schema_migrations (
      name text PRIMARY KEY,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`;
  const applied = await sql<Applied[]>`SELECT name, sha256 FROM public.schema_migrations ORDER BY name`;
  for (const row of applied) assertUnchanged(row, files);
  const pending = files.filter((file) => !applied.some((row) => row.name === file.name));
  assertInOrder(pending, applied);
  return pending;
}

function assertUnchanged(applied: Applied, files: MigrationFile[]): void {
  const file = files.find((candidate) => candidate.name === applied.name);
  if (!file) {
    throw new MigrationError(
      `Migration ${applied.name} was applied to this database but is not in the directory: is this an older version?`,
    );
  }
  if (file.sha256 !== applied.sha256) {
    throw new MigrationError(
      `Migration ${applied.name} has changed since it was applied. Applied migrations are history: ` +
        "restore the file and put the change into a new one.",
    );
  }
}

function assertInOrder(pending: MigrationFile[], applied: Applied[]): void {
  const newest = applied.at(-1)?.name;
  const late = pending.find((file) => newest !== undefined && file.name < newest);
  if (late)
    throw new MigrationError(`Migration ${late.name} comes before ${newest}, which has been applied: renumber it.`);
}

async function apply(sql: postgres.Sql, file: MigrationFile): Promise<void> {
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(file.text);
      await tx`INSERT INTO public.schema_migrations (name, sha256) VALUES (${file.name}, ${file.sha256})`;
    });
  } catch (error) {
    throw new MigrationError(describeFailure(file, error), { cause: error });
  }
}

function describeFailure(file: MigrationFile, error: unknown): string {
  if (!(error instanceof postgres.PostgresError)) return `Migration ${file.name} failed: ${String(error)}`;
  const line = error.position ? file.text.slice(0, Number(error.position) - 1).split("\n").length : null;
  const place = line === null ? file.path : `${file.path}:${line}`;
  const more = [error.detail, error.hint, error.where].filter(Boolean).map((text) => `\n  ${text}`);
  return `Migration ${file.name} failed: ${error.message} (${error.code})\n  at ${place}${more.join("")}`;
}
