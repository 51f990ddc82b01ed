import { getTableColumns, is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { describe, expect } from "vitest";
import type { Database } from "./client.ts";
import * as schema from "./schema/index.ts";
import { pgTest } from "./testing/index.ts";

// The migrations are written by hand and so are the drizzle tables; this is what keeps them one.

type Column = { name: string; type: string; notNull: boolean; hasDefault: boolean };
type TableShape = { columns: Column[]; primaryKey: string[] };

const tables = Object.values<unknown>(schema).filter((value): value is PgTable => is(value, PgTable));

function qualifiedName(table: PgTable): string {
  const { schema: schemaName, name } = getTableConfig(table);
  return `${schemaName ?? "public"}.${name}`;
}

function shapeInCode(table: PgTable): TableShape {
  const { primaryKeys } = getTableConfig(table);
  const columns = Object.values(getTableColumns(table));
  const composite = primaryKeys[0]?.columns.map((column) => column.name);
  return {
    columns: columns
      .map((column) => ({
        name: column.name,
        type: column.getSQLType().replace(/\s+\(/, "("),
        notNull: column.notNull,
        hasDefault: column.hasDefault && column.defaultFn === undefined,
      }))
      .sort(byName),
    primaryKey: composite ?? columns.filter((column) => column.primary).map((column) => column.name),
  };
}

async function shapeInDatabase(db: Database, table: string): Promise<TableShape> {
  const columns = await db.sql<Column[]>`
    SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS "notNull",
           atthasdef OR attidentity <> '' AS "hasDefault"
      FROM pg_attribute WHERE attrelid = to_regclass(${table}) AND attnum > 0 AND NOT attisdropped`;
  return { columns: [...columns].sort(byName), primaryKey: await primaryKey(db, table) };
}

async function primaryKey(db: Database, table: string): Promise<string[]> {
  const columns = await db.sql<{ name: string }[]>`
    SELECT a.attname AS name
      FROM pg_constraint c
      CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS part(number, position)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = part.number
     WHERE c.conrelid = to_regclass(${table}) AND c.contype = 'p'
     ORDER BY part.position`;
  return columns.map((column) => column.name);
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}

describe("each drizzle table is the migrated table", () => {
  for (const table of tables) {
    pgTest(qualifiedName(table), async ({ superuserDb }) => {
      expect(shapeInCode(table)).toEqual(await shapeInDatabase(superuserDb, qualifiedName(table)));
    });
  }
});

type TenantTable = { table: string; isLink: boolean; enabled: boolean; forced: boolean; policies: number };

/** Every table that names an organization, whoever made it. A nullable name is a link to one, not ownership (C3). */
function readTenantTables(db: Database): Promise<TenantTable[]> {
  return db.sql<TenantTable[]>`
    SELECT c.relnamespace::regnamespace || '.' || c.relname AS "table", NOT a.attnotnull AS "isLink",
           c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
           (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid
               AND pg_get_expr(p.polqual, c.oid) LIKE '%current_organization_id()%') AS policies
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
     ORDER BY 1`;
}

describe("each table that names an organization", () => {
  pgTest(
    "S3.3 has row-level security, also for its owner, by the organization of the transaction",
    async ({ superuserDb }) => {
      const found = await readTenantTables(superuserDb);
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter((table) => !(table.enabled && table.forced && table.policies > 0))).toEqual([]);
    },
  );

  pgTest("leads its primary key with it, which is what lets the database be distributed", async ({ superuserDb }) => {
    const owned = (await readTenantTables(superuserDb)).filter((table) => !table.isLink);
    const keys = await Promise.all(owned.map(({ table }) => primaryKey(superuserDb, table)));
    const misled = owned.filter((_, index) => keys[index]?.[0] !== "organization_id").map(({ table }) => table);
    expect(misled).toEqual([]);
  });
});
