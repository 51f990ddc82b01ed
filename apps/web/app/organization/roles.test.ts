import { describe, expect, test } from "vitest";
import { holdersOf, mayTouch, ROLES, type Role, roleLabel, rolesUpTo } from "./roles";

/** By its path: the pages may not depend on the table of permissions, but must say the same. */
const TABLE = new URL("../../../../packages/auth/src/permissions.ts", import.meta.url);
const { permissions, roles }: { permissions: Record<string, Role[]>; roles: Role[] } = await import(
  /* @vite-ignore */ TABLE.href
);

describe("roles on the page", () => {
  test("are the server's, in the server's order", () => {
    expect(ROLES).toEqual(roles);
  });

  test("nobody gives more than they have, or touches somebody above", () => {
    expect(rolesUpTo("admin")).toEqual(["admin", "billing_admin", "member"]);
    expect(mayTouch("admin", "owner")).toBe(false);
    expect(mayTouch("admin", "admin")).toBe(true);
  });
});

test.each(Object.entries(permissions))(
  "a refusal of %s names exactly the roles that hold it",
  (permission, holders) => {
    if (holders.length === roles.length) return;
    const named = roles.filter((role) => new RegExp(`\\ban? ${roleLabel(role)}\\b`, "i").test(holdersOf(permission)));
    expect(named).toEqual(holders);
  },
);
