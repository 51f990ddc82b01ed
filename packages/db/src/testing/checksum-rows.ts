import type { Database } from "../client.ts";

/** Whose rows: columns that say so, each with the ids that stand in it. */
export type RowOwners = Readonly<Record<string, readonly string[]>>;

/** Tables whose own id says whose a row is, and the column that names it elsewhere. */
const OWN_ID: Record<string, string> = {
  organizations: "organization_id",
  enterprises: "enterprise_id",
  users: "user_id",
};

/**
 * What stands in the rows that belong to somebody: a hash of them, by table. The tables are found in the database's own catalogue, so
 * that a new one is looked at without a line here. Connect as superuser: nobody else sees all of them.
 */
export async function checksumRows({ sql }: Database, owners: RowOwners): Promise<Record<string, string>> {
  const tables = await sql<{ name: string; columns: string[] }[]>`
    SELECT c.oid::regclass::text AS name, array_agg(a.attname::text) AS columns
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'graphile_worker')
       AND (a.attname IN ${sql(Object.keys(owners))} OR (a.attname = 'id' AND c.relname IN ${sql(Object.keys(OWN_ID))}))
     GROUP BY c.oid ORDER BY 1`;
  const parts = tables.flatMap(({ name, columns }) => {
    const whose = columns.flatMap((column) => {
      const ids = owners[column === "id" ? (OWN_ID[name] ?? "") : column] ?? [];
      return ids.length > 0 ? [`"${column}" IN (${ids.map((id) => `'${id}'`).join(", ")})`] : [];
    });
    if (whose.length === 0) return [];
    return `SELECT '${name}' AS name, md5(coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '')) AS hash
              FROM (SELECT * FROM ${name} WHERE ${whose.join(" OR ")}) AS r`;
  });
  const rows = await sql.unsafe<{ name: string; hash: string }[]>(parts.join("\nUNION ALL "));
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}
