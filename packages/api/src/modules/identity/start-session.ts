import type { NewSession } from "@guildhall/auth";
import type { Services, User } from "../../trpc/context.ts";
import type { Caller } from "./caller.ts";

/** A person who has just been let in, with the token for their cookie. */
export interface Entry {
  user: User;
  session: NewSession;
}

/**
 * Starts a session and ends the one that the browser held before, whosever it was: a token never survives a sign-in, so
 * one that was planted or has leaked before is worth nothing after it.
 */
export async function startSession({ sessions }: Services, user: User, caller: Caller): Promise<Entry> {
  const session = await sessions.create(user.id, caller);
  if (caller.sessionId !== null) await sessions.end(caller.sessionId);
  return { user, session };
}
