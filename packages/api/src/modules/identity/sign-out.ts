import type { Services } from "../../trpc/context.ts";

/** Ends the session for good: its token is worthless at once, and sockets that it opened are cut. Idempotent. */
export async function signOut({ sessions }: Services, sessionId: string | null): Promise<void> {
  if (sessionId !== null) await sessions.end(sessionId);
}
