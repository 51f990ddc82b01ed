import { resolve } from "node:path";
import { readEnvironment } from "../apps/server/src/env.ts";
import { verifyAuditCommand } from "../packages/api/src/modules/audit/verify-audit-command.ts";
import { findRunningPostgres, startEmbeddedPostgres } from "../packages/db/src/embedded/index.ts";

/**
 * `npm run verify-audit`: proves the audit logs of this checkout's database, whether the portal runs or not. The database is the
 * one that `npm start` would use; an embedded one that is stopped is started for as long as it takes.
 */

const house = resolve(import.meta.dirname, "..");
const environment = readEnvironment();
const dataDir = resolve(house, environment.DATA_DIR, "postgres");
const running = environment.DATABASE_URL ?? (await findRunningPostgres(dataDir))?.appUrl;
const started = running ? undefined : await startEmbeddedPostgres({ dataDir });
try {
  process.exitCode = await verifyAuditCommand(process.argv.slice(2), {
    databaseUrl: running ?? started?.appUrl,
    write: (line) => void process.stdout.write(`${line}\n`),
  });
} finally {
  await started?.stop();
}
