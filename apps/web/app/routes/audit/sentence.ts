import { formatCredits } from "@guildhall/shared";
import type { AuditEntry } from "~/api/types";
import { roleLabel } from "~/organization/roles";

type Fields = Record<string, unknown>;
type Describe = (label: string, before: Fields, after: Fields) => string;

const SENTENCES: Record<string, Describe> = {
  "organization.created": (label) => `created the organization ${label}`,
  "organization.set_up": (_, __, { name, slug }) =>
    `set the organization up${name ? ` as ${name}` : ""}${slug ? ` at /o/${slug}` : ""}`,
  "organization.renamed": (_, before, after) => `renamed the organization from ${before.name} to ${after.name}`,
  "organization.second_factor_changed": (_, __, after) =>
    Object.values(after).includes(true)
      ? "made a second factor a condition of membership"
      : "made a second factor optional for members",
  "organization.slug_changed": (_, before, after) =>
    `moved the organization from /o/${before.slug} to /o/${after.slug}`,
  "member.added": (label, _, { role }) => `added ${label} as ${roleLabel(String(role))}`,
  "member.role_changed": (label, before, after) =>
    `changed ${label}’s role from ${roleLabel(String(before.role))} to ${roleLabel(String(after.role))}`,
  "member.removed": (label, { role }) => `removed ${label}, who was ${roleLabel(String(role))}`,
  "member.account_deleted": () => "deleted their account, and with it their membership",
  "member.left": (_, { role }) => `left the organization as ${roleLabel(String(role))}`,
  "ownership.offered": (label) => `offered the ownership to ${label}`,
  "ownership.accepted": () => "accepted the ownership",
  "ownership.declined": () => "declined the ownership",
  "ownership.revoked": (label) => `took back the offer of ownership to ${label}`,
  "invite.created": (label, _, { role }) => `invited ${label} as ${roleLabel(String(role))}`,
  "invite.resent": (label) => `sent the invite of ${label} again: the old link no longer works`,
  "invite.revoked": (label) => `revoked the invite of ${label}`,
  "invite.accepted": (_, __, { role }) => `accepted the invite as ${roleLabel(String(role))}`,
  "invite.declined": () => "declined the invite",
  "team.created": (label) => `created the team ${label}`,
  "team.renamed": (_, before, after) => `renamed the team ${before.name} to ${after.name}`,
  "team.deleted": (label) => `deleted the team ${label}`,
  "team.assigned": (label) => `assigned the team ${label}`,
  "team.removed": (label) => `removed the team ${label} from the organization`,
  "team.member_added": (label, _, { person }) => `added ${person ?? "somebody"} to the team ${label}`,
  "team.member_removed": (label, { person }) => `took ${person ?? "somebody"} out of the team ${label}`,
  "credits.added": (label, _, after) => `added ${creditsOf(after)}: “${label}”`,
  "credits.deducted": (label, _, after) => `deducted ${creditsOf(after)}: “${label}”`,
  "credits.granted": (label, _, after) => `granted ${creditsOf(after)} that end: “${label}”`,
  "credits.transferred": (label, _, after) =>
    `transferred ${creditsOf(after)} to ${after.to ?? "a member’s own wallet"}: “${label}”`,
  "credits.received": (label, _, after) => `transferred ${creditsOf(after)} here from ${after.from}: “${label}”`,
  "usage.reversed": (label, _, after) => `gave back ${creditsOf(after)} for a use: “${label}”`,
  "allowance.changed": (_, before, after) =>
    `changed the monthly allowance per member from ${limitOf(before)} to ${limitOf(after)}`,
  "spend_policy.changed": () => "changed who may spend the organization’s credits",
  "api_key.created": (label, _, { scopes }) =>
    `created the API key ${label}${Array.isArray(scopes) ? ` (${scopes.join(", ")})` : ""}`,
  "api_key.revoked": (label) => `revoked the API key ${label}`,
  "enterprise.admin_added": (label, _, { person }) =>
    `made ${person ?? "somebody"} an admin of the enterprise${label ? ` ${label}` : ""}`,
  "enterprise.admin_removed": (label, { person }) =>
    `took the administration of the enterprise${label ? ` ${label}` : ""} from ${person ?? "somebody"}`,
  "credit_type.created": (label) => `created the credit type ${label}`,
  "price.added": (label) => `added a price for the model ${label}`,
  "person.renamed": (_, before, after) => `changed their name from ${before.name} to ${after.name}`,
  "person.platform_admin_granted": (label) => `made ${label} a platform admin`,
  "person.platform_admin_revoked": (label) => `took the platform’s administration from ${label}`,
  "account.deleted": () => "deleted their account",
  "account.password_reset": () => "set a new password by a mailed link",
  "account.email_verified": (_, __, { email }) => `proved that ${email ?? "the e-mail address"} is theirs`,
  "account.email_change_requested": () => "asked to change their e-mail address",
  "account.email_change_cancelled": () => "took back the change of their e-mail address",
  "account.email_changed": (_, before, after) =>
    `changed their e-mail address from ${before.email ?? "the old one"} to ${after.email ?? "a new one"}`,
  "password.changed": () => "changed their password",
  "session.ended": () => "signed one of their devices out",
  "session.others_ended": (_, __, { count }) =>
    count === 1 ? "signed their other device out" : "signed their other devices out",
  "second_factor.totp_added": () => "added an authenticator app as second factor",
  "second_factor.totp_removed": () => "removed the authenticator app as second factor",
  "second_factor.passkey_added": (_, __, { name }) => `added ${passkeyOf(name)}`,
  "second_factor.passkey_removed": (_, __, { name }) => `removed ${passkeyOf(name)}`,
  "second_factor.passkey_renamed": (_, before, after) => `renamed the passkey ${before.name} to ${after.name}`,
  "second_factor.recovery_code_used": () => "used a recovery code",
  "second_factor.recovery_codes_renewed": () => "made new recovery codes: the old ones no longer work",
  "second_factor.all_removed": () => "took all second factors off the account",
};

/** What an entry says was done, to follow the name of who did it: "changed Bob’s role from Member to Admin". */
export function sentenceOf({ action, actor, subject, before, after }: AuditEntry): string {
  // Whoever came by an invite is both who did it and whom it is about.
  if (action === "member.added" && actor?.userId === subject.id) {
    return `became a member as ${roleLabel(String(after?.role))}`;
  }
  const describe = SENTENCES[action];
  return describe ? describe(subject.label, before ?? {}, after ?? {}) : plainly(action, subject.label);
}

/** An action without a sentence of its own still says something: "security.factor_required" becomes "security: factor required". */
function plainly(action: string, label: string): string {
  const [kind = "", what = ""] = action.split(".").map((part) => part.replaceAll("_", " "));
  return `${kind}: ${what}${label ? ` (${label})` : ""}`;
}

function passkeyOf(name: unknown): string {
  return typeof name === "string" && name !== "" ? `the passkey ${name}` : "a passkey";
}

function creditsOf({ amountMicro }: Fields): string {
  if (typeof amountMicro !== "string") return "credits";
  const amount = formatCredits(amountMicro.replace(/^-/, ""));
  return `${amount} ${amount === "1" ? "credit" : "credits"}`;
}

function limitOf({ monthlyAllowanceMicro: micro }: Fields): string {
  return typeof micro === "string" ? `${formatCredits(micro)} credits` : "no limit";
}
