/**
 * Every refusal that the product knows: the code is for programs, the message for people and says what to do.
 * The HTTP status is the one that the REST interface answers with; tRPC maps it once.
 */
export const domainErrors = {
  unauthenticated: { status: 401, message: "Sign in to continue." },
  invalid_credentials: { status: 401, message: "The e-mail or the password is wrong. Check both and try again." },
  invalid_api_key: {
    status: 401,
    message: "The API key is missing, unknown or revoked. Create one under Settings > API keys.",
  },
  sign_in_expired: { status: 401, message: "This sign-in has expired. Start again with your password." },
  insufficient_balance: {
    status: 402,
    message: "The wallet does not hold enough credits. Add credits, then try again.",
  },
  allowance_exceeded: {
    status: 403,
    message: "The member's monthly allowance is used up. It starts anew next month; a billing manager can raise it.",
  },
  role_cannot_spend: {
    status: 403,
    message:
      "The spend policy does not let this role spend the organization's credits. A billing manager can change it.",
  },
  spend_policy_refused: {
    status: 403,
    message: "The organization's spend policy does not allow this. A billing manager can change it.",
  },
  missing_scope: {
    status: 403,
    message: "This API key lacks the scope that this needs. Create a key with it under Settings > API keys.",
  },
  forbidden: { status: 403, message: "Your role does not allow this. Ask an owner of the organization." },
  second_factor_required: {
    status: 403,
    message: "This organization requires a second factor. Set one up under Settings > Security.",
  },
  address_unverified: {
    status: 403,
    message: "Verify your address first, under Settings > Account: then you can set up a second factor.",
  },
  confirmation_required: { status: 403, message: "Confirm that it is you, then try again." },
  role_above_own: { status: 403, message: "Nobody can give or change a role above their own." },
  organization_inactive: {
    status: 403,
    message: "The organization is not active, so it cannot spend. Reading still works.",
  },
  invite_for_other: {
    status: 403,
    message: "This invite was sent to another address. Sign in with that address to accept it.",
  },
  wrong_origin: {
    status: 403,
    message: "This did not come from the portal's own pages. Open the portal and try again.",
  },
  not_found: { status: 404, message: "There is nothing here, or you may not see it." },
  link_gone: {
    status: 410,
    message:
      "This link is no longer valid: it was used, it has expired, or something has changed since. Ask for a new one.",
  },
  mail_off: {
    status: 409,
    message: "This portal has no mail server, so no mail can be sent. Ask whoever runs it to set one up.",
  },
  invite_gone: { status: 410, message: "This invite is no longer valid. Ask for a new one." },
  email_taken: { status: 409, message: "There is an account with this e-mail already. Sign in instead." },
  slug_taken: { status: 409, message: "This slug is taken. Choose another one." },
  slug_reserved: { status: 409, message: "This slug is reserved. Choose another one." },
  slug_fixed: { status: 409, message: "The slug is fixed after setup. Support can change it." },
  already_member: { status: 409, message: "This person is a member already." },
  already_invited: {
    status: 409,
    message: "There is an open invite for this address. Send that one again, or revoke it first.",
  },
  last_owner: { status: 409, message: "An organization needs an owner. Make somebody else an owner first." },
  last_enterprise_admin: { status: 409, message: "An enterprise needs an admin. Add somebody else as an admin first." },
  changed_meanwhile: { status: 409, message: "Somebody else has changed this meanwhile. Look at it again." },
  already_owner: { status: 409, message: "This person is an owner already." },
  already_offered: {
    status: 409,
    message: "The ownership is offered to somebody already. Take that offer back first.",
  },
  offer_gone: { status: 410, message: "This offer is no longer open. Ask the owner for a new one." },
  team_assigned_elsewhere: {
    status: 409,
    message: "This team is assigned to another organization. It has to be removed there first.",
  },
  second_factor_missing: {
    status: 409,
    message: "Set up a second factor for yourself first, or you would lock yourself out.",
  },
  passkey_known: { status: 409, message: "This passkey is on your account already." },
  name_taken: { status: 409, message: "This name is taken. Choose another one." },
  idempotency_conflict: {
    status: 409,
    message: "This idempotency key was used for another request. Use a new key, or send the same request again.",
  },
  already_reversed: { status: 409, message: "This use was reversed before: what it cost has come back." },
  price_exists: {
    status: 409,
    message: "There is another price for this model from that instant on. Choose another time.",
  },
  too_large: { status: 413, message: "This is too large. Send less at once." },
  unsupported_media_type: { status: 415, message: "Only application/json is taken here. Set the Content-Type header." },
  hold_closed: { status: 409, message: "This hold has ended: it was settled, released, or it expired." },
  hold_exceeded: { status: 422, message: "This is more than the hold allows to settle." },
  unknown_model: { status: 422, message: "There is no price for this model. Check its name against the price list." },
  unknown_member: {
    status: 422,
    message: "This person is neither a member of the organization nor in one of its teams. Invite them first.",
  },
  unknown_person: { status: 422, message: "Nobody has an account with this e-mail. Ask them to sign up first." },
  wrong_password: { status: 422, message: "The password is wrong. Check it and try again." },
  wrong_code: {
    status: 422,
    message: "This code is wrong, or was used already. Take the one your app shows now, or an unused recovery code.",
  },
  passkey_refused: { status: 422, message: "The passkey was not accepted. Try again, or use another way." },
  setup_expired: { status: 410, message: "This setup has expired. Start it again." },
  invalid_input: { status: 422, message: "The input is not valid." },
  too_many_attempts: { status: 429, message: "Too many attempts. Wait a little, then try again." },
  invite_limit: {
    status: 429,
    message: "An organization can send 1,000 invites a day. Send fewer at once, or try again tomorrow.",
  },
  overloaded: { status: 429, message: "The server is busy. Try again in a moment." },
} as const;

export type DomainErrorCode = keyof typeof domainErrors;

/** A refusal. Thrown inside a transaction it rolls everything back; carries facts for the message, never secrets. */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: DomainErrorCode, details: Record<string, string | number> = {}, message?: string) {
    super(message ?? domainErrors[code].message);
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }
}

export function isDomainError(error: unknown): error is DomainError {
  return error instanceof DomainError;
}
