import { type PasskeyCreationOptions, passkeyCreationOptions, relyingPartyOf } from "@guildhall/auth";
import type { Services } from "../../trpc/context.ts";
import { readKnownPasskeys } from "./factors.queries.ts";
import { keepChallenge } from "./passkey-challenges.ts";
import { requireRecentProof } from "./recent-proof.ts";
import type { SignedInPerson } from "./signed-in-person.ts";

/** What the browser needs to make a passkey for this person. @throws confirmation_required */
export async function beginPasskey(services: Services, person: SignedInPerson): Promise<PasskeyCreationOptions> {
  await requireRecentProof(services, person);
  const known = await readKnownPasskeys(services, person.user.id);
  const options = await passkeyCreationOptions(relyingPartyOf(services.publicUrl), person.user, known);
  await keepChallenge(services, { holder: person.session.id, purpose: "add" }, options.challenge);
  return options;
}
