import { readFile } from "node:fs/promises";
import postgres from "postgres";

/** The idempotent SQL that creates Guildhall's roles; also used by the container setup and by hand for DATABASE_URL. */
export const BOOTSTRAP_ROLES_FILE = new URL("./bootstrap-roles.sql", import.meta.url);

/** Name of the database the portal lives in, unless a connection string says otherwise. */
export const DATABASE_NAME = "guildhall";

/** Passwords of the two roles that may log in. */
export type RolePasswords = { owner: string; app: string };

/**
 * Creates or repairs the roles and the database. Connects as superuser; may run again at any time.
 * @throws postgres errors, when the connection is not allowed to create roles.
 */
export async function bootstrapRoles(superuserUrl: string, passwords: RolePasswords): Promise<void> {
  const sql = postgres(superuserUrl, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: "guildhall-bootstrap" },
  });
  try {
    await sql.unsafe(await readFile(BOOTSTRAP_ROLES_FILE, "utf8"));
    await setPassword(sql, "guildhall_owner", passwords.owner);
    await setPassword(sql, "guildhall_app", passwords.app);
    await createDatabase(sql, DATABASE_NAME);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** ALTER ROLE takes no parameters, so the server itself quotes the password. */
async function setPassword(sql: postgres.Sql, role: string, password: string): Promise<void> {
  const [row] = await sql<{ statement: string }[]>`
    SELECT format('ALTER ROLE %I PASSWORD %L', ${role}::text, ${password}::text) AS statement`;
  if (row) await sql.unsafe(row.statement);
}

async function createDatabase(sql: postgres.Sql, name: string): Promise<void> {
  const [existing] = await sql`SELECT 1 FROM pg_database WHERE datname = ${name}`;
  if (!existing) await sql`CREATE DATABASE ${sql(name)} OWNER guildhall_owner`;
  await grantDatabase(sql, name);
}

/** Gives a database to the owner role and lets only Guildhall's roles in. Grants are not copied from a template. */
export async function grantDatabase(sql: postgres.Sql, name: string): Promise<void> {
  await sql`ALTER DATABASE ${sql(name)} OWNER TO guildhall_owner`;
  await sql`REVOKE ALL ON DATABASE ${sql(name)} FROM PUBLIC`;
  await sql`GRANT CONNECT ON DATABASE ${sql(name)} TO guildhall_app`;
}
