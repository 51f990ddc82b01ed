import { type PasskeyCreation, relyingPartyOf, verifyPasskeyCreation } from "@guildhall/auth";
import { passkeys } from "@guildhall/db/schema";
import { DomainError, newId } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { type ChangedFactors, changeFactors } from "./change-factors.ts";
import { takeChallenge } from "./passkey-challenges.ts";
import type { SignedInPerson } from "./signed-in-person.ts";

/**
 * Keeps a passkey that the browser has made for this session's challenge. It is a second factor, and signs in alone as well.
 * The first factor brings the recovery codes. @throws confirmation_required, passkey_refused, passkey_known
 */
export async function addPasskey(
  services: Services,
  person: SignedInPerson,
  { name, response }: { name: string; response: PasskeyCreation },
): Promise<ChangedFactors> {
  const challenge = await takeChallenge(services, { holder: person.session.id, purpose: "add" });
  if (challenge === undefined) throw new DomainError("passkey_refused");
  const made = await verifyPasskeyCreation(relyingPartyOf(services.publicUrl), challenge, response);
  if (!made.ok) {
    services.log.info({ why: made.why, userId: person.user.id }, "a new passkey was refused");
    throw new DomainError("passkey_refused");
  }
  const createdAt = services.clock.now();
  return changeFactors(services, person, async (tx) => {
    const inserted = await tx.db
      .insert(passkeys)
      .values({ ...made.passkey, id: newId(createdAt.getTime()), userId: tx.userId, name, createdAt })
      .onConflictDoNothing()
      .returning({ id: passkeys.id });
    if (inserted.length === 0) throw new DomainError("passkey_known");
    return { change: "passkey_added", label: name };
  });
}
