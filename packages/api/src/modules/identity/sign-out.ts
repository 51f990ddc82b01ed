import type { Services, SignedIn } from "../../trpc/context.ts";

/** Ends the session for good: its token is worthless at once, and sockets that it opened are cut. Idempotent. */
export async function signOut({ sessions, bus }: Services, signedIn: SignedIn | null): Promise<void> {
  if (signedIn === null) return;
  await sessions.end(signedIn.session.id);
  bus.touchPerson(signedIn.user.id);
}
