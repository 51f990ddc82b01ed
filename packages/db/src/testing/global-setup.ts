import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { DATABASE_NAME } from "../bootstrap-roles.ts";
import { startEmbeddedPostgres } from "../embedded/index.ts";
import { migrate } from "../migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection strings of the run's cluster; databases of the test files are cloned from its migrated template. */
    testCluster: TestCluster;
  }
}

/** What a test file needs to make its own database. */
export type TestCluster = { ownerUrl: string; appUrl: string; superuserUrl: string; template: string };

/** Starts one throwaway cluster per run and migrates the database that every test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "guildhall-test-"));
  const lines: string[] = [];
  const cluster = await startEmbeddedPostgres({ dataDir, durable: false, onLog: (line) => lines.push(line) });
  const stop = async () => {
    await cluster.stop();
    await rm(dataDir, { recursive: true, force: true });
    if (cluster.dataDir !== dataDir) await rm(cluster.dataDir, { recursive: true, force: true });
  };
  try {
    await migrate(cluster.ownerUrl);
    await sealTemplate(cluster.superuserUrl);
  } catch (error) {
    await stop();
    throw error;
  }
  const { ownerUrl, appUrl, superuserUrl } = cluster;
  project.provide("testCluster", { ownerUrl, appUrl, superuserUrl, template: DATABASE_NAME });
  return stop;
}

/** A template can only be cloned while nobody is connected to it, so nobody may. */
async function sealTemplate(superuserUrl: string): Promise<void> {
  const sql = postgres(superuserUrl, { max: 1 });
  await sql`ALTER DATABASE ${sql(DATABASE_NAME)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`;
  await sql.end();
}
