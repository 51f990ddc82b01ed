import { expect, onTestFinished } from "vitest";
import { assertAppRole, UnsafeDatabaseRoleError } from "./app-role.ts";
import { createTestDatabase, pgTest, type TestDatabase } from "./testing/index.ts";

async function givenDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database;
}

pgTest("the app's role on the migrated database is accepted", async ({ db }) => {
  await assertAppRole(db);
});

pgTest("a superuser and the owner of the tables are refused", async ({ superuserDb, ownerDb }) => {
  await expect(assertAppRole(superuserDb)).rejects.toThrow("role postgres is a superuser");
  const refused = assertAppRole(ownerDb);
  await expect(refused).rejects.toThrow(UnsafeDatabaseRoleError);
  await expect(refused).rejects.toThrow("role guildhall_owner owns members");
});

pgTest("a table of organizations without the wall is refused, by its name", async () => {
  const { db, ownerDb } = await givenDatabase();
  await ownerDb.sql`CREATE TABLE leaky (organization_id uuid PRIMARY KEY)`;
  await expect(assertAppRole(db)).rejects.toThrow("table leaky lacks ENABLE and FORCE ROW LEVEL SECURITY");
  await ownerDb.sql`ALTER TABLE leaky ENABLE ROW LEVEL SECURITY`;
  await expect(assertAppRole(db)).rejects.toThrow("leaky"); // Without FORCE its owner still passes.
  await ownerDb.sql`ALTER TABLE leaky FORCE ROW LEVEL SECURITY`;
  await assertAppRole(db);
});

pgTest("a table of a ledger's books without the wall is refused, too", async () => {
  const { db, ownerDb } = await givenDatabase();
  await ownerDb.sql`CREATE SCHEMA other`;
  await ownerDb.sql`CREATE TABLE other.entries (book_id uuid PRIMARY KEY)`;
  await expect(assertAppRole(db)).rejects.toThrow("table other.entries lacks");
});

pgTest("a role that owns a table, or is a member of one that does, is refused", async () => {
  const { db, superuserDb } = await givenDatabase();
  await superuserDb.sql`CREATE TABLE mine (n int)`;
  await superuserDb.sql`ALTER TABLE mine OWNER TO guildhall_app`;
  await expect(assertAppRole(db)).rejects.toThrow("role guildhall_app owns mine");
});
