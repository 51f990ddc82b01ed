import { afterAll, beforeAll, test } from "vitest";
import { type Database, openDatabase } from "../client.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";

/**
 * A test with a real database: `pgTest("two people cannot take the last seat", async ({ db }) => …)`. Tests of a file
 * share one database, made at first use and dropped after the file, so each test makes an organization of its own.
 *
 * - `db`: as the app's role; `ownerDb`: as the tables' owner; `superuserDb`: sees and may do everything
 * - `database`: all of these and their URLs
 * - `openSecondConnection()`: another pool on the same database, as another process would have; closed after the test
 */
export const pgTest = test
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern which other fixtures this one needs.
  .extend("database", { scope: "file" }, async ({}, { onCleanup }) => {
    const database = await createTestDatabase();
    onCleanup(() => database.drop());
    return database;
  })
  .extend("db", { scope: "file" }, ({ database }) => database.db)
  .extend("ownerDb", { scope: "file" }, ({ database }) => database.ownerDb)
  .extend("superuserDb", { scope: "file" }, ({ database }) => database.superuserDb)
  .extend("openSecondConnection", ({ database }, { onCleanup }) => {
    const opened: Database[] = [];
    onCleanup(async () => {
      await Promise.all(opened.map((second) => second.close()));
    });
    return () => {
      const second = openDatabase({ url: database.appUrl, maxConnections: 2, applicationName: "test-second" });
      opened.push(second);
      return second;
    };
  });

/** For describe blocks with plain tests: the file's or block's own database, from beforeAll on: `useDatabase().db`. */
export function useDatabase(): TestDatabase {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());
  return new Proxy({} as TestDatabase, {
    get: (_, key) => {
      if (!database) throw new Error("The database exists from beforeAll on, not while tests are being declared.");
      return Reflect.get(database, key);
    },
  });
}
