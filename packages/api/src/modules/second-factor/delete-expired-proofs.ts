import type { Services } from "../../trpc/context.ts";

/** Removes sign-ins, setups and challenges that nobody finished. For housekeeping only: they stopped counting by themselves. */
export async function deleteExpiredProofs({ db, clock }: Pick<Services, "db" | "clock">): Promise<void> {
  const now = clock.now();
  await db.sql`DELETE FROM pending_sign_ins WHERE expires_at <= ${now}`;
  await db.sql`DELETE FROM totp_setups WHERE expires_at <= ${now}`;
  await db.sql`DELETE FROM passkey_challenges WHERE expires_at <= ${now}`;
  await db.sql`DELETE FROM factor_attempts WHERE forgotten_at <= ${now}`;
}
