import { resolve } from "node:path";
import { readEnvironment } from "../apps/server/src/env.ts";
import { platformAdminCommand } from "../packages/api/src/server.ts";
import { findRunningPostgres, startEmbeddedPostgres } from "../packages/db/src/embedded/index.ts";
import { openDatabase } from "../packages/db/src/index.ts";
import { systemClock } from "../packages/shared/src/index.ts";

/**
 * `npm run grant-platform-admin -- EMAIL`: makes a person a platform admin, whether the portal runs or not. The database is the
 * one that `npm start` would use. There is no way to do this in the portal itself: nobody there stands above a platform admin.
 */

const house = resolve(import.meta.dirname, "..");
const environment = readEnvironment();
const dataDir = resolve(house, environment.DATA_DIR, "postgres");
const running = environment.DATABASE_URL ?? (await findRunningPostgres(dataDir))?.appUrl;
const started = running ? undefined : await startEmbeddedPostgres({ dataDir });
const db = openDatabase({
  url: running ?? started?.appUrl ?? "",
  maxConnections: 1,
  applicationName: "guildhall-grant",
});
try {
  process.exitCode = await platformAdminCommand(process.argv.slice(2), {
    ...{ db, clock: systemClock },
    write: (line) => void process.stdout.write(`${line}\n`),
  });
} finally {
  await db.close();
  await started?.stop();
}
