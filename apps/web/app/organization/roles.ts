import type { Member } from "~/api/types";

export type Role = Member["role"];

/** Highest first, as the server ranks them. */
export const ROLES: readonly Role[] = ["owner", "admin", "billing_admin", "member"];

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
  return ROLES.indexOf(own) <= ROLES.indexOf(other);
}

const HOLDERS: Record<string, string> = {
  "organization.setup": "an owner",
  "organization.rename": "an owner or an admin",
  "members.change_role": "an owner or an admin",
  "members.remove": "an owner or an admin",
  "invites.manage": "an owner or an admin",
  "teams.read": "an owner, an admin or a billing admin",
  "teams.assign": "an owner or an admin",
  "spend_policy.change": "an owner or a billing admin",
  "wallet.adjust": "an owner or a billing admin",
  "transactions.read": "an owner, an admin or a billing admin",
  "usage.read": "an owner, an admin or a billing admin",
  "api_keys.manage": "an owner or an admin",
  "audit.read": "an owner or an admin",
};

/** Who holds a permission, in words, for a page that somebody may not open. */
export function holdersOf(permission: string | undefined): string {
  return (permission && HOLDERS[permission]) || "an owner";
}
