import { type PasskeyRequestOptions, passkeyRequestOptions, relyingPartyOf } from "@guildhall/auth";
import type { Services } from "../../trpc/context.ts";
import { readKnownPasskeys } from "./factors.queries.ts";
import { type ChallengeUse, keepChallenge } from "./passkey-challenges.ts";

/** What the browser needs to let a passkey sign: one of this person's, or whichever it has when it is not known who signs in. */
export async function askPasskey(
  services: Services,
  use: ChallengeUse,
  userId: string | null,
): Promise<PasskeyRequestOptions> {
  const known = userId === null ? undefined : await readKnownPasskeys(services, userId);
  const options = await passkeyRequestOptions(relyingPartyOf(services.publicUrl), known);
  await keepChallenge(services, use, options.challenge);
  return options;
}
