/**
 * Everything the portal writes to people. One entry per template: what its text needs, as plain values. Addresses of
 * pages are absolute; names stand as people typed them (the templates escape). A mail whose `expiresAt` has passed is
 * not sent any more: what it leads to would refuse.
 */
export type Mail =
  | VerifyEmail
  | ResetPassword
  | ChangeEmail
  | EmailChangeRequested
  | EmailChanged
  | EmailInUse
  | PasswordChanged
  | SecondFactorChanged
  | SecondFactorReset
  | InviteMail
  | OwnershipOffer
  | RemovalNotice;

/** To the address given at sign-up: proves that its owner made the account. */
export interface VerifyEmail {
  template: "verify_email";
  name: string;
  url: string;
  expiresAt: Date;
}

/** To whoever asked for a new password. */
export interface ResetPassword {
  template: "reset_password";
  name: string;
  url: string;
  expiresAt: Date;
}

/** To a new address, before it replaces the old one. */
export interface ChangeEmail {
  template: "change_email";
  name: string;
  newEmail: string;
  url: string;
  expiresAt: Date;
}

/** To the old address, once a new one has replaced it. */
export interface EmailChanged {
  template: "email_changed";
  name: string;
  /** Shown in part only: whoever reads the old mailbox need not learn the whole. */
  newEmail: string;
  changedAt: Date;
}

/** To an address that has an account, when somebody tried to take it for another one. */
export interface EmailInUse {
  template: "email_in_use";
  name: string;
  /** Where a forgotten password is set anew. */
  url: string;
}

/** What is known of who did it: for "was this you?". */
export interface SecurityNotice {
  name: string;
  changedAt: Date;
  /** Network address from which it was done. */
  address: string;
  /** The device in words ("Firefox on Windows") or its raw user agent. */
  device: string;
  /** Where to react if it was somebody else. */
  url: string;
}

/** To the present address, as soon as another one is asked for: the last moment at which its owner can stop it. */
export interface EmailChangeRequested extends SecurityNotice {
  template: "email_change_requested";
  /** Shown in part only, like in EmailChanged. */
  newEmail: string;
  /** Until when the change can be confirmed: by whoever reads the new mailbox. */
  linkExpiresAt: Date;
}

export interface PasswordChanged extends SecurityNotice {
  template: "password_changed";
}

export interface SecondFactorChanged extends SecurityNotice {
  template: "second_factor_changed";
  change:
    | "totp_added"
    | "totp_removed"
    | "passkey_added"
    | "passkey_removed"
    | "recovery_codes_renewed"
    | "recovery_code_used";
  /** The passkey's name, where it is about one. */
  label?: string;
}

/** To somebody who has lost their second factor, when a platform admin has taken it off their account. */
export interface SecondFactorReset {
  template: "second_factor_reset";
  name: string;
  resetByName: string;
  changedAt: Date;
  /** Where another one is set up. */
  url: string;
}

/** To an address that is invited into an organization. */
export interface InviteMail {
  template: "invite";
  organizationName: string;
  invitedByName: string;
  role: "owner" | "admin" | "billing_admin" | "member";
  url: string;
  expiresAt: Date;
}

/** To a member whom an owner offers the organization. */
export interface OwnershipOffer {
  template: "ownership_offer";
  name: string;
  organizationName: string;
  offeredByName: string;
  url: string;
  expiresAt: Date;
}

/** To somebody whose membership was ended by another person. */
export interface RemovalNotice {
  template: "removal_notice";
  name: string;
  organizationName: string;
  removedByName: string;
  /** The portal's first page. */
  url: string;
}
