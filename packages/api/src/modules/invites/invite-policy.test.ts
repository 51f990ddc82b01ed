import { isAtLeast, roles } from "@guildhall/auth/permissions";
import { describe, expect, test } from "vitest";
import { decideInvite, findGoneReason, type InviteCourse, stateOf } from "./invite-policy.ts";

const NOW = new Date("2026-03-03T10:00:00Z");
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const open: InviteCourse = { expiresAt: at(1), acceptedAt: null, declinedAt: null, revokedAt: null };

describe("invite policy", () => {
  test("S2.11 only owners and admins invite, and nobody above their own role", () => {
    for (const inviter of roles) {
      for (const role of roles) {
        const may = (inviter === "owner" || inviter === "admin") && isAtLeast(inviter, role);
        expect(decideInvite(inviter, role).ok, `${inviter} invites as ${role}`).toBe(may);
      }
    }
    expect(decideInvite(undefined, "member")).toEqual({ ok: false, reason: "not_found" });
  });

  test("an invite is valid up to its expiry and not at it", () => {
    expect(stateOf(open, NOW)).toBe("pending");
    expect(stateOf({ ...open, expiresAt: at(0.001) }, NOW)).toBe("pending");
    expect(stateOf({ ...open, expiresAt: NOW }, NOW)).toBe("expired");
  });

  test("what has ended stays what it was when it ended", () => {
    const expired = { ...open, expiresAt: at(-1) };
    expect(stateOf({ ...expired, acceptedAt: at(-2) }, NOW)).toBe("accepted");
    expect(stateOf({ ...expired, declinedAt: at(-2) }, NOW)).toBe("declined");
    expect(stateOf({ ...expired, revokedAt: at(-2) }, NOW)).toBe("revoked");
    // Closed to make room for a new one: it had expired before.
    expect(stateOf({ ...expired, revokedAt: expired.expiresAt }, NOW)).toBe("expired");
  });

  test("it dies with its inviter’s right to give the role, and with its organization", () => {
    const facts = { now: NOW, inviterRole: "admin", isReplaced: false, organizationStatus: "active" } as const;
    const invite = { ...open, role: "admin", inviterLostAt: null } as const;
    expect(findGoneReason(invite, facts)).toBeNull();
    expect(findGoneReason(invite, { ...facts, organizationStatus: "inactive" })).toBeNull();
    expect(findGoneReason(invite, { ...facts, isReplaced: true })).toBe("replaced");
    expect(findGoneReason(invite, { ...facts, organizationStatus: "pending_deletion" })).toBe("organization_closed");
    for (const inviterRole of ["billing_admin", "member", undefined] as const)
      expect(findGoneReason(invite, { ...facts, inviterRole })).toBe("inviter_lost_right");
    expect(findGoneReason({ ...invite, role: "owner" }, facts)).toBe("inviter_lost_right");
    expect(findGoneReason({ ...invite, inviterLostAt: at(-1) }, facts)).toBe("inviter_lost_right");
  });
});
