/** Stands before every invite's token. */
export const INVITE_PREFIX = "inv";

/** An invite as its creator gets it, once. */
export interface IssuedInvite {
  inviteId: string;
  token: string;
  acceptUrl: string;
  expiresAt: string;
}
