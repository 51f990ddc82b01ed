import type { SessionCookie, SignedIn, SignInCookie } from "@guildhall/api/server";

/** What middleware leaves for those behind it. */
export interface HttpVariables {
  requestId: string;
  /** The client's address, read behind as many trusted proxies as are configured. */
  address: string;
  /** The nonce of this answer's Content-Security-Policy. */
  nonce: string;
  /** Who was signed in by the session cookie when the request came; null for nobody. */
  signedIn: SignedIn | null;
  /** Who is signed in now: follows a sign-in or sign-out within the request. */
  readSession(): Promise<SignedIn | null>;
  /** Collects what the answer does to the session cookie; written to the answer after the handler. */
  cookie: SessionCookie;
  /** The same for the cookie of a sign-in that lacks its second step. */
  signInCookie: SignInCookie;
}
