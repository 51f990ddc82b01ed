import { PASSKEY_TIMEOUT_MS } from "@guildhall/auth";
import type { Services } from "../../trpc/context.ts";

/** What a passkey is to sign for, and who asked: the id of a session or of a pending sign-in. */
export interface ChallengeUse {
  holder: string;
  purpose: "add" | "confirm" | "sign_in";
}

/** Keeps a challenge until it is used or has expired. Whoever asks again has only the new one. */
export async function keepChallenge(
  { db, clock }: Pick<Services, "db" | "clock">,
  { holder, purpose }: ChallengeUse,
  challenge: string,
): Promise<void> {
  const expiresAt = new Date(clock.now().getTime() + PASSKEY_TIMEOUT_MS);
  await db.sql`
    INSERT INTO passkey_challenges (holder, purpose, challenge, expires_at)
    VALUES (${holder}, ${purpose}, ${challenge}, ${expiresAt})
    ON CONFLICT (holder, purpose) DO UPDATE SET challenge = excluded.challenge, expires_at = excluded.expires_at`;
}

/** Takes a challenge for good, right or wrong: each can be answered once. Undefined when there is none any more. */
export async function takeChallenge(
  { db, clock }: Pick<Services, "db" | "clock">,
  { holder, purpose }: ChallengeUse,
): Promise<string | undefined> {
  const [row] = await db.sql<{ challenge: string; expiresAt: Date }[]>`
    DELETE FROM passkey_challenges WHERE holder = ${holder} AND purpose = ${purpose}
    RETURNING challenge, expires_at AS "expiresAt"`;
  return row && row.expiresAt > clock.now() ? row.challenge : undefined;
}
