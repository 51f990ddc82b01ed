import { describe, expect, test } from "vitest";
import type { Factors } from "~/api/types";
import { isConfirmationDue, isUnconfirmed } from "./confirmation-due";
import { wantedPath } from "./wanted-path";

const none: Factors = { totp: null, passkeys: [], recoveryCodesLeft: 0, isAddressDue: false, isConfirmed: false };
const totp = { createdAt: "2026-11-22T10:00:00.000Z", lastUsedAt: null };

describe("a confirmation", () => {
  test("is due of who has a second factor and has not shown it lately, and of nobody else", () => {
    expect(isConfirmationDue({ ...none, totp })).toBe(true);
    expect(isConfirmationDue({ ...none, totp, isConfirmed: true })).toBe(false);
    expect(isConfirmationDue(none)).toBe(false);
  });

  test("is asked for by a refusal with its code, and by no other answer", () => {
    expect(isUnconfirmed({ code: "confirmation_required", intent: "delete" })).toBe(true);
    expect(isUnconfirmed({ code: "wrong_code", intent: "confirm-code" })).toBe(true);
    for (const answer of [undefined, null, "confirmation_required", {}, { code: "wrong_password", intent: "delete" }]) {
      expect(isUnconfirmed(answer)).toBe(false);
    }
  });

  test("leads on to a dialog of its own page, and nowhere else", () => {
    expect(wantedPath("/settings/account", "?dialog=change-email")).toBe("/settings/account?dialog=change-email");
    for (const then of ["", "?", "//evil.example", "?dialog=//evil.example", "?dialog=a&next=b", "evil"]) {
      expect(wantedPath("/settings/account", then)).toBe("/settings/account");
    }
  });
});
