/** Roles of an organization, highest first. The order decides who may give what (S2.7–S2.10). */
export const roles = ["owner", "admin", "billing_admin", "member"] as const;
export type Role = (typeof roles)[number];

/**
 * Who may do what in an organization: the one table of permissions. Managers are owner and admin, billing managers are
 * owner and billing admin (C7).
 */
export const permissions = {
  "organization.read": ["owner", "admin", "billing_admin", "member"],
  "organization.setup": ["owner"],
  "organization.rename": ["owner", "admin"],
  "members.read": ["owner", "admin", "billing_admin", "member"],
  "members.change_role": ["owner", "admin"],
  "members.remove": ["owner", "admin"],
  "invites.manage": ["owner", "admin"],
  "wallet.read": ["owner", "admin", "billing_admin", "member"],
  "wallet.adjust": ["owner", "billing_admin"],
  "transactions.read": ["owner", "admin", "billing_admin"],
  "usage.read": ["owner", "admin", "billing_admin"],
  "api_keys.manage": ["owner", "admin"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** Says whether a role holds a permission. */
export function can(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role);
}

/** Everything a role may do, in the order of the table. */
export function permissionsOf(role: Role): Permission[] {
  return (Object.keys(permissions) as Permission[]).filter((permission) => can(role, permission));
}

/** The roles that hold a permission: the audience of an event about it. */
export function rolesWith(permission: Permission): Role[] {
  return [...permissions[permission]];
}

/** Says whether the first role stands as high as the second, or higher. */
export function isAtLeast(role: Role, other: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(other);
}
