import { type Letter, layOut, type RenderedMail } from "./letter.ts";
import type { InviteMail, Mail, SecondFactorChanged, SecurityNotice } from "./mail.ts";

type Templates = { [Template in Mail["template"]]: (mail: Extract<Mail, { template: Template }>) => Letter };

const IGNORE = "If this was not you, you can ignore this mail: nothing changes.";

const templates: Templates = {
  verify_email: ({ name, url, expiresAt }) => ({
    subject: "Verify your e-mail address",
    title: "Verify your e-mail address",
    paragraphs: [
      `Hello ${name}, please confirm that this address is yours. Then organizations can invite you by it, and it lets you in again should you forget your password.`,
    ],
    action: { label: "Verify this address", url },
    notes: [until(expiresAt), "If you did not sign up for Guildhall, ignore this mail: the address stays unverified."],
  }),
  reset_password: ({ name, url, expiresAt }) => ({
    subject: "Set a new password",
    title: "Set a new password",
    paragraphs: [
      `Hello ${name}, somebody asked to set a new password for your account. If it was you, choose it here.`,
    ],
    action: { label: "Choose a new password", url },
    notes: [`${until(expiresAt)} It works once.`, `${IGNORE} Your password stays as it is.`],
  }),
  change_email: ({ name, newEmail, url, expiresAt }) => ({
    subject: "Confirm your new e-mail address",
    title: "Confirm your new e-mail address",
    paragraphs: [
      `Hello ${name}, you asked to sign in with ${newEmail} from now on. Confirm that this address is yours.`,
    ],
    action: { label: "Use this address", url },
    notes: [until(expiresAt), IGNORE],
  }),
  email_change_requested: (mail) => ({
    subject: "Somebody asked to change your e-mail address",
    title: "A change of your e-mail address was asked for",
    paragraphs: [
      `Hello ${mail.name}, somebody who is signed in to your account asked to replace this address by ${maskEmail(mail.newEmail)}. Nothing has changed yet: it does when the link is followed that was mailed there, which works until ${sayTime(mail.linkExpiresAt)}.`,
      sayOrigin(mail),
    ],
    action: { label: "It was not me: sign in and cancel it", url: mail.url },
    notes: [
      "If it was you, you need not do anything here.",
      "If it was not you, cancel the change on that page, then set a new password: whoever asked knows the present one.",
    ],
  }),
  email_changed: ({ name, newEmail, changedAt }) => ({
    subject: "Your e-mail address was changed",
    title: "Your e-mail address was changed",
    paragraphs: [
      `Hello ${name}, since ${sayTime(changedAt)} your account belongs to ${maskEmail(newEmail)}. This address can no longer be used to sign in.`,
    ],
    notes: ["If this was not you, tell whoever runs this portal at once, and forward this mail to them."],
  }),
  email_in_use: ({ name, url }) => ({
    subject: "Your e-mail address has an account already",
    title: "This address has an account already",
    paragraphs: [
      `Hello ${name}, somebody tried to use your address for another account. Nothing has changed: it stays yours.`,
      "If it was you, sign in with this address, or set a new password if you have forgotten it.",
    ],
    action: { label: "Set a new password", url },
    notes: ["If this was not you, you need not do anything."],
  }),
  password_changed: (mail) => ({
    subject: "Your password was changed",
    title: "Your password was changed",
    paragraphs: [
      `Hello ${mail.name}, the password of your account was changed. Other devices were signed out.`,
      sayOrigin(mail),
    ],
    action: { label: "It was not me: set a new password", url: mail.url },
    notes: ["If it was you, you need not do anything."],
  }),
  second_factor_changed: (mail) => ({
    subject: subjectsOfFactors[mail.change],
    title: subjectsOfFactors[mail.change],
    paragraphs: [`Hello ${mail.name}, ${sayFactor(mail)}`, sayOrigin(mail)],
    action: { label: "Look at your security settings", url: mail.url },
    notes: ["If this was not you, set a new password at once and sign out all other devices."],
  }),
  second_factor_reset: ({ name, resetByName, changedAt, url }) => ({
    subject: "The second factor of your account was removed",
    title: "The second factor of your account was removed",
    paragraphs: [
      `Hello ${name}, ${resetByName}, who administers this portal, removed every second factor and all recovery codes from your account on ${sayTime(changedAt)}. You were signed out everywhere.`,
      "Sign in with your password, then set up a second factor again: until then the password alone lets anybody in who knows it.",
    ],
    action: { label: "Sign in and set up a second factor", url },
    notes: [
      "If you did not ask for this, do so at once, set a new password as well, and tell whoever runs this portal.",
    ],
  }),
  invite: ({ organizationName, invitedByName, role, url, expiresAt }) => ({
    subject: `${invitedByName} invites you to ${organizationName}`,
    title: `Join ${organizationName} on Guildhall`,
    paragraphs: [`${invitedByName} invites you to ${organizationName} as ${roleNames[role]}.`],
    action: { label: "Look at the invite", url },
    notes: [
      until(expiresAt),
      "Opening the page accepts nothing yet. If you do not know the sender, ignore this mail; the link is for this address only, so do not forward it.",
    ],
  }),
  ownership_offer: ({ name, organizationName, offeredByName, url, expiresAt }) => ({
    subject: `${offeredByName} offers you the ownership of ${organizationName}`,
    title: `Become an owner of ${organizationName}`,
    paragraphs: [
      `Hello ${name}, ${offeredByName} wants to hand ${organizationName} over to you. As an owner you have full control of its settings, members and money.`,
    ],
    action: { label: "Look at the offer", url },
    notes: [until(expiresAt), "You can decline it there, too. Until you accept, nothing changes."],
  }),
  removal_notice: ({ name, organizationName, removedByName, url }) => ({
    subject: `You are no longer a member of ${organizationName}`,
    title: `You were removed from ${organizationName}`,
    paragraphs: [
      `Hello ${name}, ${removedByName} ended your membership in ${organizationName}. Your account, your own wallet and your other organizations stay as they are.`,
    ],
    action: { label: "Go to your portal", url },
    notes: [`If you think this is a mistake, ask an owner of ${organizationName}.`],
  }),
};

const roleNames: Record<InviteMail["role"], string> = {
  owner: "an owner",
  admin: "an admin",
  billing_admin: "a billing admin",
  member: "a member",
};

const subjectsOfFactors: Record<SecondFactorChanged["change"], string> = {
  totp_added: "An authenticator app was added to your account",
  totp_removed: "The authenticator app was removed from your account",
  passkey_added: "A passkey was added to your account",
  passkey_removed: "A passkey was removed from your account",
  recovery_codes_renewed: "Your recovery codes were replaced",
  recovery_code_used: "A recovery code was used to sign in",
};

function sayFactor({ change, label }: SecondFactorChanged): string {
  const passkey = label ? `the passkey “${label}”` : "a passkey";
  const sentences: Record<SecondFactorChanged["change"], string> = {
    totp_added: "signing in to your account now asks for a code of your authenticator app.",
    totp_removed: "signing in to your account no longer asks for a code of your authenticator app.",
    passkey_added: `${passkey} can now be used to sign in to your account.`,
    passkey_removed: `${passkey} can no longer be used to sign in to your account.`,
    recovery_codes_renewed: "you have new recovery codes. The old ones are worth nothing any more.",
    recovery_code_used: "one of your recovery codes was used to sign in. It cannot be used again.",
  };
  return sentences[change];
}

/** Draws a mail: its subject (one line), its text and its HTML. */
export function renderMail<Template extends Mail["template"]>(
  mail: Extract<Mail, { template: Template }>,
): RenderedMail {
  const template = templates[mail.template as Template] as (mail: Extract<Mail, { template: Template }>) => Letter;
  return layOut(template(mail));
}

function until(expiresAt: Date): string {
  return `The link works until ${sayTime(expiresAt)}.`;
}

const timeText = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** A mail does not know where it is read: every time names its zone. */
function sayTime(time: Date): string {
  return `${timeText.format(time)} UTC`;
}

function sayOrigin({ changedAt, device, address }: SecurityNotice): string {
  return `It happened on ${sayTime(changedAt)}, with ${device || "an unknown device"}, from the network address ${address}.`;
}

/** The first letter and the domain: enough for its owner to recognize it. */
function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return `${[...email][0] ?? ""}…${email.slice(at)}`;
}
