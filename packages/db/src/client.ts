import { PgDialect } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { driverTypes, restoreParsers } from "./driver-types.ts";
import { preparing } from "./prepared-statements.ts";
import * as schema from "./schema/index.ts";

/** Every drizzle table, under the names that relational queries use. */
export type Schema = typeof schema;

/** postgres.js with our types: bigint columns are JavaScript bigints. */
export type Sql = postgres.Sql<{ bigint: bigint }>;

/** postgres.js inside one transaction. */
export type TransactionSql = postgres.TransactionSql<{ bigint: bigint }>;

/** A pool of connections to one database. */
export type Database = {
  /** postgres.js, for SQL by hand: `db.sql\`SELECT …\``. Sees no tenant's rows outside of withOrganization. */
  sql: Sql;
  /** Typed query builder over the same pool. Sees no tenant's rows outside of withOrganization. */
  drizzle: PostgresJsDatabase<Schema>;
  /** The connection string it was opened with. */
  url: string;
  /** Receives what an after-commit hook threw; the transaction has happened, so it cannot fail any more. */
  onHookError(error: unknown): void;
  /** Opens another pool to the same database with the same settings, for somebody who must not wait for others' connections. */
  openAnother(maxConnections: number): Database;
  /** Waits for running queries, then closes every connection; cuts them off after the timeout. Idempotent. */
  close(timeoutMs?: number): Promise<void>;
};

/** How to open a pool. */
export type DatabaseOptions = {
  url: string;
  /** Default 10. */
  maxConnections?: number | undefined;
  /** Shown in pg_stat_activity. */
  applicationName?: string | undefined;
  /** A statement running longer is cancelled. Default 15 s; 0 = no limit. */
  statementTimeoutMs?: number | undefined;
  /** Waiting longer for a lock fails. Default 5 s; 0 = no limit. */
  lockTimeoutMs?: number | undefined;
  /** A transaction that its program has forgotten is ended. Default 30 s; 0 = no limit. */
  idleInTransactionTimeoutMs?: number | undefined;
  onNotice?: ((notice: postgres.Notice) => void) | undefined;
  onHookError?: ((error: unknown) => void) | undefined;
};

const CLOSE_TIMEOUT_MS = 5_000;

/** Opens a pool; connections are made at first use. Timeouts are parameters of the connection, not a query each time. */
export function openDatabase(options: DatabaseOptions): Database {
  const sql = postgres(options.url, {
    max: options.maxConnections ?? 10,
    onnotice: options.onNotice ?? (() => {}),
    types: driverTypes,
    connection: {
      application_name: options.applicationName ?? "guildhall",
      statement_timeout: options.statementTimeoutMs ?? 15_000,
      lock_timeout: options.lockTimeoutMs ?? 5_000,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 30_000,
    },
  }) as Sql;
  const orm = drizzle(preparing(sql), { schema });
  restoreParsers(sql);
  return {
    sql,
    drizzle: orm,
    url: options.url,
    onHookError: options.onHookError ?? ((error) => process.emitWarning(asError(error))),
    openAnother: (maxConnections) => openDatabase({ ...options, maxConnections }),
    close: (timeoutMs = CLOSE_TIMEOUT_MS) => sql.end({ timeout: timeoutMs / 1000 }),
  };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Shared by all transactions; it holds no state. */
export const dialect = new PgDialect();
