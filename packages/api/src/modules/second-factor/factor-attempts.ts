import { type Attempt, tooManyAttempts } from "@guildhall/auth";
import { MINUTE_MS } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";

/** So many guesses at once, then one more every `REFILL_MS` milliseconds: some 290 a day, at a million codes. */
const BURST = 10;
const REFILL_MS = 5 * MINUTE_MS;

/**
 * Counts a guess at a person's codes, over all processes and restarts: whoever guesses knows the password already. A refused
 * guess counts nothing, so waiting always helps. @throws too_many_attempts (with retryAfterSeconds)
 */
export async function beginFactorAttempt(
  { db, clock }: Pick<Services, "db" | "clock">,
  userId: string,
): Promise<Attempt> {
  const nowMs = clock.now().getTime();
  const [now, next, latest] = [nowMs, nowMs + REFILL_MS, nowMs + (BURST - 1) * REFILL_MS].map((ms) => new Date(ms));
  const counted = await db.sql`
    INSERT INTO factor_attempts AS a (user_id, forgotten_at) VALUES (${userId}, ${next as Date})
    ON CONFLICT (user_id) DO UPDATE
       SET forgotten_at = greatest(a.forgotten_at, ${now as Date}::timestamptz) + ${REFILL_MS}::int * interval '1 ms'
     WHERE a.forgotten_at <= ${latest as Date}
    RETURNING user_id`;
  if (counted.length === 0) throw tooManyAttempts(await waitMs());
  return {
    async takeBack() {
      await db.sql`
        UPDATE factor_attempts SET forgotten_at = forgotten_at - ${REFILL_MS}::int * interval '1 ms'
         WHERE user_id = ${userId}`;
    },
  };

  async function waitMs(): Promise<number> {
    const [row] = await db.sql<{ forgottenAt: Date }[]>`
      SELECT forgotten_at AS "forgottenAt" FROM factor_attempts WHERE user_id = ${userId}`;
    return Math.max(1, (row?.forgottenAt.getTime() ?? 0) - (latest as Date).getTime());
  }
}
