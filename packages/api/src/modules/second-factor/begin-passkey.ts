import { type PasskeyCreationOptions, passkeyCreationOptions, relyingPartyOf } from "@guildhall/auth";
import type { Services } from "../../trpc/context.ts";
import { readKnownPasskeys } from "./factors.queries.ts";
import { keepChallenge } from "./passkey-challenges.ts";
import { requireRecentProof } from "./recent-proof.ts";
import type { SignedInPerson } from "./signed-in-person.ts";
import { requireVerifiedAddress } from "./verified-address.ts";

/** What the browser needs to make a passkey for this person. @throws confirmation_required, address_unverified */
export async function beginPasskey(services: Services, person: SignedInPerson): Promise<PasskeyCreationOptions> {
  await requireRecentProof(services, person);
  await requireVerifiedAddress({ ...services, db: services.db.drizzle }, person.user.id);
  const known = await readKnownPasskeys(services, person.user.id);
  const options = await passkeyCreationOptions(relyingPartyOf(services.publicUrl), person.user, known);
  await keepChallenge(services, { holder: person.session.id, purpose: "add" }, options.challenge);
  return options;
}
