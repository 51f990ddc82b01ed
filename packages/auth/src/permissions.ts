/** Roles of an organization, highest first. The order decides who may give what (S2.7–S2.10). */
export const roles = ["owner", "admin", "billing_admin", "member"] as const;
export type Role = (typeof roles)[number];

/** What a permission is about: the headings under which people read them. */
export type PermissionArea = "Organization" | "People" | "Wallet and usage" | "Programs";

/** One row of the table: what it lets somebody do, in words that complete "may …", and which roles hold it. */
export interface PermissionRow {
  area: PermissionArea;
  may: string;
  roles: readonly Role[];
}

/** Managers are owner and admin, billing managers are owner and billing admin (C7). */
const everybody: readonly Role[] = roles;
const managers: readonly Role[] = ["owner", "admin"];
const billingManagers: readonly Role[] = ["owner", "billing_admin"];
const allButMembers: readonly Role[] = ["owner", "admin", "billing_admin"];
const owners: readonly Role[] = ["owner"];

/**
 * Who may do what in an organization: the one table of permissions. docs/permissions.md is made from it (run
 * `node scripts/permissions-table.ts` after a change), and the portal shows it as "What can each role do?".
 */
export const permissions = {
  "organization.read": { area: "Organization", may: "open the organization and its overview", roles: everybody },
  "organization.setup": { area: "Organization", may: "set the organization up: first name and slug", roles: owners },
  "organization.rename": { area: "Organization", may: "change the organization’s name", roles: managers },
  "organization.secure": { area: "Organization", may: "require a second factor of all members", roles: owners },
  "ownership.offer": { area: "Organization", may: "offer the ownership to a member, and take it back", roles: owners },
  "audit.read": { area: "Organization", may: "read the audit log: who changed what, from where", roles: managers },
  "audit.export": { area: "Organization", may: "download the audit log", roles: managers },
  "members.read": { area: "People", may: "see who is a member, with which role", roles: everybody },
  "members.change_role": { area: "People", may: "change roles, up to the own one", roles: managers },
  "members.remove": { area: "People", may: "remove members, up to the own role", roles: managers },
  "members.export": { area: "People", may: "download the list of members", roles: managers },
  "invites.manage": { area: "People", may: "invite people, up to the own role, and revoke invites", roles: managers },
  "teams.read": { area: "People", may: "see the assigned teams and what they have spent", roles: allButMembers },
  "teams.assign": { area: "People", may: "assign teams of the enterprise and remove them", roles: managers },
  "wallet.read": { area: "Wallet and usage", may: "see the wallet’s balance", roles: everybody },
  "wallet.adjust": { area: "Wallet and usage", may: "add, deduct and move credits", roles: billingManagers },
  "transactions.read": { area: "Wallet and usage", may: "see and download the transactions", roles: allButMembers },
  "usage.read": { area: "Wallet and usage", may: "see what was used, by whom", roles: allButMembers },
  "spend_policy.read": { area: "Wallet and usage", may: "see who may spend, and how much", roles: everybody },
  "spend_policy.change": { area: "Wallet and usage", may: "say who may spend, and how much", roles: billingManagers },
  "api_keys.manage": { area: "Programs", may: "create and revoke API keys", roles: managers },
} as const satisfies Record<string, PermissionRow>;

export type Permission = keyof typeof permissions;

/** The table's row of a permission, typed for all of them alike. */
function rowOf(permission: Permission): PermissionRow {
  return permissions[permission];
}

/** Says whether a role holds a permission. */
export function can(role: Role, permission: Permission): boolean {
  return rowOf(permission).roles.includes(role);
}

/** Everything a role may do, in the order of the table. */
export function permissionsOf(role: Role): Permission[] {
  return (Object.keys(permissions) as Permission[]).filter((permission) => can(role, permission));
}

/** The roles that hold a permission: the audience of an event about it. */
export function rolesWith(permission: Permission): Role[] {
  return [...rowOf(permission).roles];
}

/** Says whether the first role stands as high as the second, or higher. */
export function isAtLeast(role: Role, other: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(other);
}

/** What a scope of an API key is about: the headings under which people choose. */
export type ScopeArea = "Usage" | "Wallet" | "Holds" | "Prices";

/** One row of the table of scopes. */
export interface ScopeRow {
  area: ScopeArea;
  /** In words that complete "A program with this key may …". */
  may: string;
  /** The requests of the interface for programs that need it, below /api/v1. */
  requests: readonly string[];
  /** Whether a new key has it unless somebody says otherwise: what a program needs that reports what it uses. */
  isUsual: boolean;
}

/**
 * What an API key may be given: the one table of scopes. Every request of the interface for programs needs exactly one of them.
 * docs/permissions.md and docs/api.md are made from it, and the form for a new key.
 */
export const apiKeyScopes = {
  "usage:write": {
    area: "Usage",
    may: "report uses; each debits the wallet, and its answer says what is left",
    requests: ["POST /usage", "POST /usage/bulk"],
    isUsual: true,
  },
  "usage:reverse": {
    area: "Usage",
    may: "take back uses that were billed wrongly; what they cost comes back",
    requests: ["POST /usage/:id/reversal"],
    isUsual: false,
  },
  "wallet:read": { area: "Wallet", may: "see the wallet’s balance", requests: ["GET /wallet"], isUsual: true },
  "transactions:read": {
    area: "Wallet",
    may: "read the wallet’s history: what was used, and by whom",
    requests: ["GET /wallet/transactions"],
    isUsual: false,
  },
  "holds:read": { area: "Holds", may: "see the open holds", requests: ["GET /holds"], isUsual: false },
  "holds:write": {
    area: "Holds",
    may: "reserve credits, then charge them or let them go",
    requests: ["POST /holds", "POST /holds/:id/settle", "POST /holds/:id/release"],
    isUsual: false,
  },
  "prices:read": { area: "Prices", may: "read the price list", requests: ["GET /prices"], isUsual: true },
} as const satisfies Record<string, ScopeRow>;

export type ApiKeyScope = keyof typeof apiKeyScopes;

/** All scopes there are, in the order of the table. */
export const allApiKeyScopes = Object.keys(apiKeyScopes) as ApiKeyScope[];
