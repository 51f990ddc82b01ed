export { assertAppRole, UnsafeDatabaseRoleError } from "./app-role.ts";
export { plainArray, textArray } from "./array-literals.ts";
export { BOOTSTRAP_ROLES_FILE, bootstrapRoles, DATABASE_NAME, type RolePasswords } from "./bootstrap-roles.ts";
export {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type Schema,
  type Sql,
  type TransactionSql,
} from "./client.ts";
export { type MigrateOptions, MigrationError, migrate } from "./migrate.ts";
export { type EachOrganization, withOrganizationsOfUser } from "./organizations-in-turn.ts";
export {
  type EnterpriseTx,
  type TransactionScope,
  type Tx,
  type UserTx,
  withEnterprise,
  withOrganization,
  withoutTenant,
  withUser,
} from "./tenancy.ts";
