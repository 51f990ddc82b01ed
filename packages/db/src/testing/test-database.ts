import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { grantDatabase } from "../bootstrap-roles.ts";
import { type Database, openDatabase } from "../client.ts";
import type { TestCluster } from "./global-setup.ts";

/** A database of its own for one test file. */
export type TestDatabase = {
  /** As the app: what the server uses. */
  db: Database;
  /** As the owner of the tables; row-level security holds for it, too. */
  ownerDb: Database;
  /** As superuser: sees and may do everything. For arranging and checking what no role of ours may. */
  superuserDb: Database;
  appUrl: string;
  ownerUrl: string;
  superuserUrl: string;
  /** Closes the connections and drops the database. */
  drop(): Promise<void>;
};

/** Clones the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const cluster = inject("testCluster");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asSuperuser(cluster, async (sql) => {
    await sql`CREATE DATABASE ${sql(name)} TEMPLATE ${sql(cluster.template)}`;
    await grantDatabase(sql, name);
  });
  const appUrl = withDatabase(cluster.appUrl, name);
  const ownerUrl = withDatabase(cluster.ownerUrl, name);
  const superuserUrl = withDatabase(cluster.superuserUrl, name);
  const db = openDatabase({ url: appUrl, applicationName: "test-app" });
  const ownerDb = openDatabase({ url: ownerUrl, maxConnections: 2, applicationName: "test-owner" });
  const superuserDb = openDatabase({ url: superuserUrl, maxConnections: 2, applicationName: "test-superuser" });
  const drop = async () => {
    await Promise.all([db.close(), ownerDb.close(), superuserDb.close()]);
    await asSuperuser(cluster, async (sql) => {
      await sql`DROP DATABASE ${sql(name)} WITH (FORCE)`;
    });
  };
  return { db, ownerDb, superuserDb, appUrl, ownerUrl, superuserUrl, drop };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function asSuperuser(cluster: TestCluster, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(cluster.superuserUrl, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
