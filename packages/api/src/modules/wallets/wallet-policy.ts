import type { DomainErrorCode } from "@guildhall/shared";

export type Decision = { ok: true } | { ok: false; reason: DomainErrorCode; message: string };

/**
 * May credits be added or deducted by hand? An inactive organization cannot spend, but its balance can be put right;
 * an archived one is read-only (C6).
 */
export function decideAdjustment(status: "active" | "inactive" | "archived" | "pending_deletion"): Decision {
  if (status === "active" || status === "inactive") return { ok: true };
  const state = status === "archived" ? "archived" : "about to be deleted";
  return {
    ok: false,
    reason: "organization_inactive",
    message: `The organization is ${state}, so its wallet is read-only. An owner can restore it.`,
  };
}
