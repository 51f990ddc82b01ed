import { findTotpStep, hashRecoveryCode } from "@guildhall/auth";
import { withUser } from "@guildhall/db";
import { totpFactors } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { CallingUser, Services } from "../../trpc/context.ts";
import { report } from "./change-factors.ts";
import { beginFactorAttempt } from "./factor-attempts.ts";
import { totpPurpose } from "./totp-secret.ts";

/**
 * Takes a code as a proof: six digits of the app, or a recovery code. Each counts once, also when it is sent twice at the
 * same time. @throws wrong_code, too_many_attempts (with retryAfterSeconds)
 */
export async function proveByCode(services: Services, user: CallingUser, code: string): Promise<void> {
  const attempt = await beginFactorAttempt(services, user.id);
  const isRight = /^[\d\s-]{6,9}$/.test(code.trim())
    ? await takeTotpCode(services, user, code)
    : await takeRecoveryCode(services, user, code);
  if (!isRight) throw new DomainError("wrong_code");
  await attempt.takeBack();
}

async function takeTotpCode({ db, clock, sealer }: Services, { id }: CallingUser, code: string): Promise<boolean> {
  const [factor] = await db.drizzle.select().from(totpFactors).where(eq(totpFactors.userId, id));
  const now = clock.now();
  const step = factor && findTotpStep(sealer.open(totpPurpose(id), factor.sealedSecret), code, now);
  if (step === undefined) return false;
  // The comparison is the lock: of two that bring the same code, one finds a later step already.
  const taken = await db.sql`
    UPDATE totp_factors SET last_step = ${step}, last_used_at = ${now}
     WHERE user_id = ${id} AND last_step < ${step} RETURNING user_id`;
  return taken.length > 0;
}

async function takeRecoveryCode(services: Services, user: CallingUser, code: string): Promise<boolean> {
  const hash = hashRecoveryCode(user.id, code);
  if (!hash) return false;
  return withUser(services.db, user.id, async (tx) => {
    const taken = await tx.sql`
      UPDATE recovery_codes SET used_at = ${services.clock.now()}
       WHERE user_id = ${user.id} AND code_hash = ${hash} AND used_at IS NULL RETURNING user_id`;
    if (taken.length === 0) return false;
    await report(tx, services, { user, done: { change: "recovery_code_used" } });
    tx.afterCommit(() => services.bus.touchPerson(user.id));
    return true;
  });
}
