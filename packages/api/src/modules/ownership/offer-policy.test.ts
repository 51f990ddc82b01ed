import { roles } from "@guildhall/auth/permissions";
import { expect, test } from "vitest";
import { decideAcceptance, decideOffer, waitBeforeOffer } from "./offer-policy.ts";

test("only owners offer the ownership, and only to members who are no owners yet", () => {
  for (const giverRole of roles) {
    for (const receiverRole of roles) {
      const isFine = giverRole === "owner" && receiverRole !== "owner";
      expect(decideOffer({ giverRole, receiverRole }).ok, `${giverRole} to ${receiverRole}`).toBe(isFine);
    }
  }
  expect(decideOffer({ giverRole: "owner", receiverRole: undefined })).toEqual({ ok: false, reason: "unknown_member" });
  expect(decideOffer({ giverRole: "admin", receiverRole: undefined })).toEqual({ ok: false, reason: "forbidden" });
  expect(decideOffer({ giverRole: undefined, receiverRole: "member" })).toEqual({ ok: false, reason: "not_found" });
});

test("an offer stands while it is open, in time, its giver an owner and its receiver a member", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const open = { outcome: null, expiresAt: new Date(now.getTime() + 1) };
  const standing = { giverRole: "owner", receiverRole: "member", now } as const;
  const gone = { ok: false, reason: "offer_gone" };
  expect(decideAcceptance(open, standing)).toEqual({ ok: true });
  expect(decideAcceptance({ ...open, expiresAt: now }, standing)).toEqual(gone);
  expect(decideAcceptance({ ...open, outcome: "revoked" }, standing)).toEqual(gone);
  expect(decideAcceptance(open, { ...standing, giverRole: "admin" })).toEqual(gone);
  expect(decideAcceptance(open, { ...standing, giverRole: undefined })).toEqual(gone);
  expect(decideAcceptance(open, { ...standing, receiverRole: undefined })).toEqual(gone);
});

test("whoever was offered it often lately is not again, until the oldest of these offers is an hour ago", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  expect(waitBeforeOffer([], now)).toBe(0);
  expect(waitBeforeOffer([ago(1), ago(2), ago(3), ago(4)], now)).toBe(0);
  expect(waitBeforeOffer([ago(4), ago(50), ago(1), ago(3), ago(2)], now)).toBe(10 * 60_000);
  expect(waitBeforeOffer([ago(4), ago(60), ago(1), ago(3), ago(2)], now)).toBe(0);
  expect(waitBeforeOffer([ago(6), ago(5), ago(4), ago(3), ago(2), ago(1)], now)).toBe(55 * 60_000);
});
