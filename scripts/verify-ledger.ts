import { resolve } from "node:path";
import { readEnvironment } from "../apps/server/src/env.ts";
import { verifyWallets } from "../packages/api/src/modules/usage/verify-wallets.ts";
import { findRunningPostgres, startEmbeddedPostgres } from "../packages/db/src/embedded/index.ts";
import { verifyCommand } from "../packages/ledger/src/verify-command.ts";

/**
 * `npm run verify-ledger`: proves the books of this checkout's database, whether the portal runs or not. The database is the one
 * that `npm start` would use; an embedded one that is stopped is started for as long as it takes.
 */

const house = resolve(import.meta.dirname, "..");
const environment = readEnvironment();
const dataDir = resolve(house, environment.DATA_DIR, "postgres");
const running = environment.DATABASE_URL ?? (await findRunningPostgres(dataDir))?.appUrl;
const started = running ? undefined : await startEmbeddedPostgres({ dataDir });
try {
  process.exitCode = await verifyCommand(process.argv.slice(2), {
    databaseUrl: running ?? started?.appUrl,
    verify: verifyWallets,
    write: (line) => void process.stdout.write(`${line}\n`),
  });
} finally {
  await started?.stop();
}
