import { isHandleOf, type PasskeyAssertion, relyingPartyOf, verifyPasskeyAssertion } from "@guildhall/auth";
import { passkeys } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { type ChallengeUse, takeChallenge } from "./passkey-challenges.ts";

/** What a signature by a passkey is held against. */
export interface PasskeyProof {
  /** For whom the challenge was made. */
  use: ChallengeUse;
  /** Whose passkey it has to be; null: whoever's it is, that is who signs in, and then it has to verify them. */
  userId: string | null;
  response: PasskeyAssertion;
}

/**
 * Takes a passkey's signature as a proof, and says whose it is. The challenge is used up, right or wrong.
 * @throws passkey_refused, without saying why; the log knows
 */
export async function proveByPasskey(services: Services, { use, userId, response }: PasskeyProof): Promise<string> {
  const { db, clock, publicUrl } = services;
  const refuse = (why: string) => {
    services.log.info({ why, userId }, "a passkey was refused");
    return new DomainError("passkey_refused");
  };
  const challenge = await takeChallenge(services, use);
  if (challenge === undefined) throw refuse("there is no challenge, or it has expired");
  const [passkey] = await db.drizzle.select().from(passkeys).where(eq(passkeys.credentialId, response.id));
  if (!passkey || !isHandleOf(passkey.userId, response)) throw refuse("nobody has this passkey");
  if (userId !== null && passkey.userId !== userId) throw refuse("it is somebody else's");
  const check = { challenge, passkey, isOnlyProof: userId === null };
  const verified = await verifyPasskeyAssertion(relyingPartyOf(publicUrl), response, check);
  if (!verified.ok) throw refuse(verified.why);
  // Of two answers with one counter, one is a copy's.
  const noted = await db.sql`
    UPDATE passkeys SET counter = ${verified.counter}, last_used_at = ${clock.now()}
     WHERE id = ${passkey.id} AND counter = ${passkey.counter} RETURNING id`;
  if (noted.length === 0) throw refuse("its counter has moved meanwhile");
  return passkey.userId;
}
