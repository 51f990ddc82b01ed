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
  const cleanups: (() => Promise<void>)[] = [];
  const cleanUp = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const dataDir = await mkdtemp(join(tmpdir(), "guildhall-test-"));
    cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
    const cluster = await startEmbeddedPostgres({ dataDir, durable: false });
    cleanups.push(() => rm(cluster.dataDir, { recursive: true, force: true }), cluster.stop);
    await migrate(cluster.ownerUrl);
    await sealTemplate(cluster.superuserUrl);
    const { ownerUrl, appUrl, superuserUrl } = cluster;
    project.provide("testCluster", { ownerUrl, appUrl, superuserUrl, template: DATABASE_NAME });
    return cleanUp;
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** A template can only be cloned while nobody is connected to it, so nobody may. */
async function sealTemplate(superuserUrl: string): Promise<void> {
  const sql = postgres(superuserUrl, { max: 1 });
  await sql`ALTER DATABASE ${sql(DATABASE_NAME)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`;
  await sql.end();
}
