import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
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

/**
 * Refuses who has a second factor and has not proved lately, by it, that it is them: for what the password is asked for as well. Whoever
 * has none is asked for the password alone. @throws confirmation_required
 */
export async function requireFactorProof(
  services: Pick<Services, "db" | "sessions" | "clock">,
  person: SignedInPerson,
): Promise<void> {
  const [row] = await services.db.drizzle
    .select({ since: users.secondFactorSince })
    .from(users)
    .where(eq(users.id, person.user.id));
  if (row?.since) await requireRecentProof(services, person);
}
