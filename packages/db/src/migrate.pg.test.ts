import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { MigrationError, migrate } from "./migrate.ts";
import { createTestDatabase, pgTest, type TestDatabase } from "./testing/index.ts";

/** A directory of migrations beside a database that has none of them. */
async function givenMigrations(files: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), "guildhall-migrations-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const write = async (more: Record<string, string>) => {
    for (const [name, text] of Object.entries(more)) await writeFile(join(dir, name), text);
  };
  await write(files);
  return { dir, write };
}

/** The template has the portal's own migrations applied; these tests bring others, so the record is emptied first. */
async function givenUnmigratedDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  await database.ownerDb.sql`DELETE FROM public.schema_migrations`;
  return database;
}

pgTest("applies what is missing, in order and once", async () => {
  const { ownerUrl, ownerDb } = await givenUnmigratedDatabase();
  const { dir, write } = await givenMigrations({
    "0002_fill.sql": "INSERT INTO fruit VALUES ('apple'), ('pear');",
    "0001_fruit.sql": "CREATE TABLE fruit (name text);",
  });
  const announced: string[] = [];
  const applied = await migrate(ownerUrl, { migrationsDir: dir, onApply: (name) => announced.push(name) });
  expect(applied).toEqual(["0001_fruit.sql", "0002_fill.sql"]);
  expect(announced).toEqual(applied);
  expect(await migrate(ownerUrl, { migrationsDir: dir })).toEqual([]);
  await write({ "0003_more.sql": "INSERT INTO fruit VALUES ('plum');" });
  expect(await migrate(ownerUrl, { migrationsDir: dir })).toEqual(["0003_more.sql"]);
  expect(await ownerDb.sql`SELECT count(*)::int AS n FROM fruit`).toEqual([{ n: 3 }]);
});

pgTest("refuses when an applied file has changed, and applies nothing", async () => {
  const { ownerUrl, ownerDb } = await givenUnmigratedDatabase();
  const { dir, write } = await givenMigrations({ "0001_fruit.sql": "CREATE TABLE fruit (name text);" });
  await migrate(ownerUrl, { migrationsDir: dir });
  await write({ "0001_fruit.sql": "CREATE TABLE fruit (label text);", "0002_next.sql": "CREATE TABLE next (n int);" });
  await expect(migrate(ownerUrl, { migrationsDir: dir })).rejects.toThrow("0001_fruit.sql has changed");
  expect(await ownerDb.sql`SELECT to_regclass('next') AS next`).toEqual([{ next: null }]);
});

pgTest("refuses when an applied file is missing, as in an older version of the portal", async () => {
  const { ownerUrl } = await givenUnmigratedDatabase();
  const { dir } = await givenMigrations({ "0001_fruit.sql": "CREATE TABLE fruit (name text);" });
  await migrate(ownerUrl, { migrationsDir: dir });
  await rm(join(dir, "0001_fruit.sql"));
  await expect(migrate(ownerUrl, { migrationsDir: dir })).rejects.toThrow("is not in the directory");
});

pgTest("refuses a new file that comes before an applied one", async () => {
  const { ownerUrl } = await givenUnmigratedDatabase();
  const { dir, write } = await givenMigrations({ "0002_fruit.sql": "CREATE TABLE fruit (name text);" });
  await migrate(ownerUrl, { migrationsDir: dir });
  await write({ "0001_late.sql": "SELECT 1;" });
  await expect(migrate(ownerUrl, { migrationsDir: dir })).rejects.toThrow("renumber it");
});

pgTest("refuses misnamed files and numbers given twice", async () => {
  const { ownerUrl } = await givenUnmigratedDatabase();
  const misnamed = await givenMigrations({ "1_fruit.sql": "SELECT 1;" });
  await expect(migrate(ownerUrl, { migrationsDir: misnamed.dir })).rejects.toThrow("named like 0001_what_it_does.sql");
  const twice = await givenMigrations({ "0001_a.sql": "SELECT 1;", "0001_b.sql": "SELECT 1;" });
  await expect(migrate(ownerUrl, { migrationsDir: twice.dir })).rejects.toThrow("have the same number");
});

pgTest("a failing file leaves nothing behind and says where it failed; those before it stay", async () => {
  const { ownerUrl, ownerDb } = await givenUnmigratedDatabase();
  const { dir, write } = await givenMigrations({
    "0001_fruit.sql": "CREATE TABLE fruit (name text);",
    "0002_broken.sql": "CREATE TABLE half (n int);\n\nSELECT *\n  FROM nowhere;\n",
  });
  const error = await migrate(ownerUrl, { migrationsDir: dir }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MigrationError);
  expect((error as Error).message).toContain('relation "nowhere" does not exist');
  expect((error as Error).message).toContain(`${join(dir, "0002_broken.sql")}:4`);
  const [state] = await ownerDb.sql`SELECT to_regclass('fruit') AS fruit, to_regclass('half') AS half`;
  expect(state).toEqual({ fruit: "fruit", half: null });
  await write({ "0002_broken.sql": "CREATE TABLE half (n int);" });
  expect(await migrate(ownerUrl, { migrationsDir: dir })).toEqual(["0002_broken.sql"]);
});

pgTest("several processes at once apply each file once", async () => {
  const { ownerUrl, ownerDb } = await givenUnmigratedDatabase();
  const { dir } = await givenMigrations({
    "0001_fruit.sql": "CREATE TABLE fruit (name text); SELECT pg_sleep(0.1);",
    "0002_fill.sql": "INSERT INTO fruit VALUES ('apple');",
  });
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(ownerUrl, { migrationsDir: dir })));
  expect(applied.flat().sort()).toEqual(["0001_fruit.sql", "0002_fill.sql"]);
  expect(await ownerDb.sql`SELECT count(*)::int AS n FROM fruit`).toEqual([{ n: 1 }]);
});
