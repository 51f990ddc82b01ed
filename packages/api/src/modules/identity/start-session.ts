import type { NewSession } from "@guildhall/auth";
import type { Services, User } from "../../trpc/context.ts";
import type { Caller } from "./caller.ts";

/** A person who has just been let in, with the token for their cookie. */
export interface Entry {
  user: User;
  session: NewSession;
}

/** Starts a session, and ends the one that the browser held before. The person's other pages show the new device. */
export async function startSession(services: Services, user: User, caller: Caller): Promise<Entry> {
  const session = await services.sessions.create(user.id, caller);
  await endPreviousSession(services, caller);
  services.bus.touchPerson(user.id);
  return { user, session };
}

/**
 * Ends the session that the browser held before a sign-in, whosever it was: a token never survives one, so one that was
 * planted or has leaked before is worth nothing after it.
 */
export async function endPreviousSession({ sessions }: Services, { sessionId }: Caller): Promise<void> {
  if (sessionId !== null) await sessions.end(sessionId);
}
