import { DomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import type { SignedInPerson } from "./signed-in-person.ts";

/**
 * Refuses who has not proved lately that it is them: a session that was left open, or stolen, must not be enough to change
 * how its person signs in. @throws confirmation_required
 */
export async function requireRecentProof(
  { sessions, clock }: Pick<Services, "sessions" | "clock">,
  { session }: SignedInPerson,
): Promise<void> {
  const until = await sessions.confirmedUntil(session.id);
  if (!until || until <= clock.now()) throw new DomainError("confirmation_required");
}
