import type { CallingUser, SignedIn } from "../../trpc/context.ts";

/** Somebody acting on what is their own, in one of their sessions. */
export interface SignedInPerson {
  session: SignedIn["session"];
  user: CallingUser;
}
