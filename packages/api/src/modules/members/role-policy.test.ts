import { isAtLeast, roles } from "@guildhall/auth";
import { describe, expect, test } from "vitest";
import { decideRemoval, decideRoleChange } from "./role-policy.ts";

const everyPair = roles.flatMap((actorRole) => roles.map((targetRole) => ({ actorRole, targetRole, ownerCount: 2 })));

describe("role policy", () => {
  test("S2.14 only owners and admins change roles or remove members", () => {
    const allowed = everyPair.filter((facts) => decideRemoval(facts).ok).map((facts) => facts.actorRole);
    expect(new Set(allowed)).toEqual(new Set(["owner", "admin"]));
    for (const facts of everyPair) {
      if (decideRoleChange(facts, "member").ok) expect(["owner", "admin"]).toContain(facts.actorRole);
    }
  });

  test("S2.7 S2.8 nobody gives a role above their own, and admins cannot touch owners", () => {
    for (const facts of everyPair) {
      for (const newRole of roles) {
        if (!decideRoleChange(facts, newRole).ok) continue;
        expect(isAtLeast(facts.actorRole, newRole)).toBe(true);
        expect(isAtLeast(facts.actorRole, facts.targetRole)).toBe(true);
      }
    }
    const adminOnOwner = { actorRole: "admin", targetRole: "owner", ownerCount: 2 } as const;
    expect(decideRemoval(adminOnOwner)).toEqual({ ok: false, reason: "role_above_own" });
  });

  test("the last owner is neither demoted nor removed", () => {
    const lastOwner = { actorRole: "owner", targetRole: "owner", ownerCount: 1 } as const;
    expect(decideRemoval(lastOwner)).toEqual({ ok: false, reason: "last_owner" });
    expect(decideRoleChange(lastOwner, "member")).toEqual({ ok: false, reason: "last_owner" });
    expect(decideRoleChange(lastOwner, "owner")).toEqual({ ok: true });
  });

  test("whoever lost their membership, or was never a member, meets not_found", () => {
    expect(decideRemoval({ actorRole: undefined, targetRole: "member", ownerCount: 1 })).toMatchObject({
      reason: "not_found",
    });
    expect(decideRemoval({ actorRole: "owner", targetRole: undefined, ownerCount: 1 })).toMatchObject({
      reason: "not_found",
    });
  });
});
