import { setTimeout as sleep } from "node:timers/promises";
import { isUuid } from "@guildhall/shared";
import {
  createTableRelationsHelpers,
  type ExtractTablesWithRelations,
  extractTablesRelationalConfig,
  type TablesRelationalConfig,
} from "drizzle-orm";
import { PostgresJsSession, PostgresJsTransaction } from "drizzle-orm/postgres-js";
import { type Database, dialect, type Schema, type TransactionSql } from "./client.ts";
import { preparing } from "./prepared-statements.ts";
import * as schema from "./schema/index.ts";

/** What work inside a transaction has in hand, whosever it is. */
export type TransactionScope = {
  /** Typed query builder on this transaction. */
  db: PostgresJsTransaction<Schema, ExtractTablesWithRelations<Schema>>;
  /** postgres.js on this transaction. */
  sql: TransactionSql;
  /** Runs at the end of the transaction, just before COMMIT, in order of registration: for what must lock last. */
  beforeCommit(hook: () => Promise<void>): void;
  /** Runs once after COMMIT has succeeded, never after a rollback. Must not throw: nothing can be undone any more. */
  afterCommit(hook: () => void): void;
};

/** A transaction that sees one organization's rows. */
export type Tx = TransactionScope & { organizationId: string };

/** A transaction that sees what belongs to one person, across organizations; reading only, by the policies. */
export type UserTx = TransactionScope & { userId: string };

/** A transaction that sees what belongs to one enterprise itself (teams), not its organizations' content. */
export type EnterpriseTx = TransactionScope & { enterpriseId: string };

/**
 * The one way to a tenant's rows: one transaction in which row-level security lets exactly this organization through.
 * Repeated up to 3 times when Postgres breaks a deadlock or a serialization conflict, so `work` must have no effects
 * outside of the transaction (those belong into tx.afterCommit). Do not nest: the inner one would be a second
 * transaction on a second connection.
 * @throws whatever `work` throws, after rolling back.
 */
export function withOrganization<T>(db: Database, organizationId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(db, { name: "app.organization_id", value: organizationId }, (scope) =>
    work(Object.assign(scope, { organizationId })),
  );
}

/** Like withOrganization, for what one person may read about themselves across organizations (their memberships). */
export function withUser<T>(db: Database, userId: string, work: (tx: UserTx) => Promise<T>): Promise<T> {
  return inTransaction(db, { name: "app.user_id", value: userId }, (scope) => work(Object.assign(scope, { userId })));
}

/** Like withOrganization, for what belongs to an enterprise itself. */
export function withEnterprise<T>(
  db: Database,
  enterpriseId: string,
  work: (tx: EnterpriseTx) => Promise<T>,
): Promise<T> {
  return inTransaction(db, { name: "app.enterprise_id", value: enterpriseId }, (scope) =>
    work(Object.assign(scope, { enterpriseId })),
  );
}

/** A transaction that sees no tenant's rows: for people, sessions and what else stands outside of the walls. */
export function withoutTenant<T>(db: Database, work: (tx: TransactionScope) => Promise<T>): Promise<T> {
  return inTransaction(db, null, work);
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 5;
/** serialization_failure and deadlock_detected: the transaction did nothing wrong and may simply be run again. */
const RETRIED = new Set(["40001", "40P01"]);

type Setting = { name: string; value: string } | null;

async function inTransaction<T>(
  db: Database,
  setting: Setting,
  work: (scope: TransactionScope) => Promise<T>,
): Promise<T> {
  if (setting) assertUuid(setting);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(db, setting, work);
    } catch (error) {
      if (attempt === ATTEMPTS || !isRetried(error)) throw error;
      await sleep(FIRST_PAUSE_MS * 2 ** attempt * Math.random());
    }
  }
}

async function runOnce<T>(db: Database, setting: Setting, work: (scope: TransactionScope) => Promise<T>): Promise<T> {
  const beforeCommit: (() => Promise<void>)[] = [];
  const afterCommit: (() => void)[] = [];
  const result = await db.sql.begin(async (sql) => {
    // Not awaited: it travels together with the first statement of the work. Should it fail, the transaction fails.
    if (setting) void sql`SELECT set_config(${setting.name}, ${setting.value}, true)`.execute();
    const scope = scopeOn(sql, { beforeCommit, afterCommit });
    const value = await work(scope);
    for (const hook of beforeCommit) await hook(); // Also those that a hook adds.
    return { value };
  });
  for (const hook of afterCommit) runHook(db, hook);
  return result.value as T;
}

type Hooks = { beforeCommit: (() => Promise<void>)[]; afterCommit: (() => void)[] };

function scopeOn(sql: TransactionSql, hooks: Hooks): TransactionScope {
  let db: TransactionScope["db"] | undefined;
  return {
    // Made at first use: work in SQL by hand does not pay for it.
    get db() {
      db ??= drizzleOn(sql);
      return db;
    },
    sql,
    beforeCommit: (hook) => hooks.beforeCommit.push(hook),
    afterCommit: (hook) => hooks.afterCommit.push(hook),
  };
}

function runHook(db: Database, hook: () => void): void {
  try {
    hook();
  } catch (error) {
    db.onHookError(error);
  }
}

const relational = extractTablesRelationalConfig<TablesRelationalConfig>(schema, createTableRelationsHelpers);
const relationalSchema = { fullSchema: schema, schema: relational.tables, tableNamesMap: relational.tableNamesMap };

/** Drizzle's own transaction() would hide the driver's client and cost a wrapper per call; this builds the same object. */
function drizzleOn(sql: TransactionSql): TransactionScope["db"] {
  const session = new PostgresJsSession(preparing(sql) as never, dialect, relationalSchema);
  return new PostgresJsTransaction(dialect, session as never, relationalSchema) as unknown as TransactionScope["db"];
}

function isRetried(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && RETRIED.has(String(cause.code))) return true;
  }
  return false;
}

function assertUuid({ name, value }: NonNullable<Setting>): void {
  if (!isUuid(value)) throw new TypeError(`${JSON.stringify(value)} cannot be ${name}: ids are UUIDs in lower case.`);
}
