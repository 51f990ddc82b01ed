import { permissions, roles } from "@guildhall/auth/permissions";
import { describe, expect, test } from "vitest";
import { holdersOf, mayTouch, roleLabel, rolesUpTo } from "./roles";

describe("roles on the page", () => {
  test("nobody gives more than they have, or touches somebody above", () => {
    expect(rolesUpTo("admin")).toEqual(["admin", "billing_admin", "member"]);
    expect(mayTouch("admin", "owner")).toBe(false);
    expect(mayTouch("admin", "admin")).toBe(true);
  });

  test("a refusal says in words who may", () => {
    expect(holdersOf("ownership.offer")).toBe("an owner");
    expect(holdersOf("members.remove")).toBe("an owner or an admin");
    expect(holdersOf("usage.read")).toBe("an owner, an admin, or a billing admin");
    expect(holdersOf("nothing.known")).toBe("an owner");
  });
});

test.each(Object.entries(permissions))("a refusal of %s names exactly the roles that hold it", (permission, row) => {
  const holders: readonly string[] = row.roles;
  const named = roles.filter((role) => new RegExp(`\\ban? ${roleLabel(role)}\\b`, "i").test(holdersOf(permission)));
  expect(named).toEqual(holders);
});
