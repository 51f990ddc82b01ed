import type { Database } from "./client.ts";

/** Thrown when the database would not hold the walls between organizations. */
export class UnsafeDatabaseRoleError extends Error {
  override name = "UnsafeDatabaseRoleError";
}

/**
 * Refuses a connection that row-level security does not bind, and tables that lack it. Call it before serving anyone.
 * @throws UnsafeDatabaseRoleError listing everything that is wrong.
 */
export async function assertAppRole(db: Database): Promise<void> {
  const problems = [...(await findRoleProblems(db)), ...(await findUnwalledTables(db))];
  if (problems.length === 0) return;
  throw new UnsafeDatabaseRoleError(
    `This database connection does not keep organizations apart, so the server refuses to use it:\n` +
      `${problems.map((problem) => `  - ${problem}`).join("\n")}\n` +
      "Connect as guildhall_app (roles are created by packages/db/src/bootstrap-roles.sql).",
  );
}

async function findRoleProblems(db: Database): Promise<string[]> {
  const [role] = await db.sql<{ name: string; isSuperuser: boolean; bypasses: boolean; powerful: string[] }[]>`
    SELECT r.rolname AS name, r.rolsuper AS "isSuperuser", r.rolbypassrls AS bypasses,
           ARRAY(SELECT other.rolname::text FROM pg_roles other
                  WHERE other.oid <> r.oid AND NOT r.rolsuper
                    AND (other.rolsuper OR other.rolbypassrls) AND pg_has_role(r.oid, other.oid, 'MEMBER')) AS powerful
      FROM pg_roles r WHERE r.rolname = current_user`;
  if (!role) return ["the connected role does not exist any more"];
  const problems = role.powerful.map(
    (other) => `role ${role.name} is a member of ${other}, which bypasses row-level security`,
  );
  if (role.isSuperuser) problems.push(`role ${role.name} is a superuser`);
  if (role.bypasses) problems.push(`role ${role.name} has BYPASSRLS`);
  if (!role.isSuperuser) problems.push(...(await findOwnedTables(db, role.name)));
  return problems;
}

/** Ownership also comes through membership: an owner may switch the walls off. */
async function findOwnedTables(db: Database, role: string): Promise<string[]> {
  const owned = await db.sql<{ table: string }[]>`
    SELECT c.oid::regclass::text AS "table" FROM pg_class c
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relpersistence <> 't'
       AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
       AND pg_has_role(current_user, c.relowner, 'MEMBER')
     ORDER BY 1`;
  return owned.map((row) => `role ${role} owns ${row.table}`);
}

/** A table that names an organization, a book of the ledger or an audit chain must be walled, for its owner too. */
async function findUnwalledTables(db: Database): Promise<string[]> {
  const unwalled = await db.sql<{ table: string }[]>`
    SELECT c.oid::regclass::text AS "table" FROM pg_class c
     WHERE c.relkind IN ('r', 'p')
       AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
       AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
       AND EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname IN ('organization_id', 'book_id', 'scope_id'))
     ORDER BY 1`;
  return unwalled.map((row) => `table ${row.table} lacks ENABLE and FORCE ROW LEVEL SECURITY`);
}
