import { isAtLeast, type Permission, permissions, type Role, roles } from "@guildhall/auth/permissions";

export type { Role };

/** Highest first. */
export const ROLES: readonly Role[] = roles;

const LABELS: Record<Role, string> = {
  owner: "Owner",
  admin: "Admin",
  billing_admin: "Billing admin",
  member: "Member",
};

const MEANINGS: Record<Role, string> = {
  owner: "Full control: settings, members and money.",
  admin: "Manages the organization and its members.",
  billing_admin: "Moves credits and reviews usage.",
  member: "Sees the organization, its members and its balance.",
};

/** A role as people read it. */
export function roleLabel(role: string): string {
  return LABELS[role as Role] ?? role;
}

/** What a role may do, in one sentence. */
export function roleMeaning(role: Role): string {
  return MEANINGS[role];
}

/** The roles that somebody may give: their own and those below. */
export function rolesUpTo(own: Role): Role[] {
  return ROLES.slice(ROLES.indexOf(own));
}

/** Says whether somebody may change or remove a person with that role: nobody above themselves. */
export function mayTouch(own: Role, other: Role): boolean {
  return isAtLeast(own, other);
}

/** Who holds a permission, in words, for what somebody may not do or open. */
export function holdersOf(permission: string | undefined): string {
  const row = permissions[permission as Permission] ?? permissions["organization.setup"];
  return new Intl.ListFormat("en", { type: "disjunction" }).format(row.roles.map(withArticle));
}

function withArticle(role: Role): string {
  const label = roleLabel(role).toLowerCase();
  return `${/^[aeiou]/.test(label) ? "an" : "a"} ${label}`;
}
