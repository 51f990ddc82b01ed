import type { Mail } from "../mail.ts";

const url = `https://portal.example.com/some/page/${"a1B2".repeat(10)}?from=mail&step=1`;
const expiresAt = new Date("2026-11-22T14:05:00Z");
const name = "Ada Lovelace";
const organizationName = "Analytical Engines";
const notice = { name, url, changedAt: expiresAt, address: "192.0.2.7", device: "Firefox on Windows" };

/** One mail of each template: for rendering them all, in tests and for looking at. */
export const exampleMails: readonly Mail[] = [
  { template: "verify_email", name, url, expiresAt },
  { template: "reset_password", name, url, expiresAt },
  { template: "change_email", name, newEmail: "countess@example.com", url, expiresAt },
  { template: "email_changed", name, newEmail: "countess@example.com", changedAt: expiresAt },
  { template: "email_in_use", name, url },
  {
    ...notice,
    template: "email_change_requested",
    newEmail: "countess@example.com",
    linkExpiresAt: new Date("2026-11-23T14:05:00Z"),
  },
  { ...notice, template: "password_changed" },
  { ...notice, template: "second_factor_changed", change: "passkey_added", label: "Ada’s key" },
  { template: "second_factor_reset", name, resetByName: "Margaret Hamilton", changedAt: expiresAt, url },
  { template: "invite", organizationName, invitedByName: "Grace Hopper", role: "billing_admin", url, expiresAt },
  { template: "ownership_offer", name, organizationName, offeredByName: "Grace Hopper", url, expiresAt },
  { template: "removal_notice", name, organizationName, removedByName: "Grace Hopper", url },
];
