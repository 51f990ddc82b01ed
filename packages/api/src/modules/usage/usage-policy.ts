import { type DomainErrorCode, MINUTE_MS } from "@guildhall/shared";

export type Decision =
  | { ok: true }
  | { ok: false; reason: DomainErrorCode; details: Record<string, string>; message?: string };

/** Clocks of programs run ahead a little; a use of next week is a mistake. */
const MAX_AHEAD_MS = 5 * MINUTE_MS;

interface UseFacts {
  status: "active" | "inactive" | "archived" | "pending_deletion";
  occurredAt: Date;
  now: Date;
}

/** May this use be billed? Only active organizations spend (C6), and only for what has happened. */
export function decideUse({ status, occurredAt, now }: UseFacts): Decision {
  if (status !== "active") return { ok: false, reason: "organization_inactive", details: { status } };
  if (occurredAt.getTime() - now.getTime() > MAX_AHEAD_MS) {
    const message = "The time of a use cannot lie in the future.";
    return { ok: false, reason: "invalid_input", details: { field: "occurredAt" }, message };
  }
  return { ok: true };
}
