import { createHash, randomBytes } from "node:crypto";
import type { TransactionScope } from "@guildhall/db";
import { identityTokens } from "@guildhall/db/schema";
import { DAY_MS, DomainError, HOUR_MS, MINUTE_MS, SECOND_MS } from "@guildhall/shared";
import { and, eq, isNull, lt } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";

/** What a link that comes by mail can prove. */
export type TokenPurpose = (typeof identityTokens.$inferSelect)["purpose"];

/** How long a link works, in milliseconds. */
const TOKEN_TTL_MS: Record<TokenPurpose, number> = {
  verify_email: 3 * DAY_MS,
  reset_password: HOUR_MS,
  change_email: DAY_MS,
};

/** So many links of one purpose a person gets within an hour, and none within a minute of the last. */
const LINKS_PER_HOUR = 5;
const PAUSE_MS = MINUTE_MS;

const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43}$/;

/** A link's token, the one time it exists in clear. */
export interface IssuedToken {
  token: string;
  expiresAt: Date;
  /** What its mail is sent for: unique, and no secret. */
  cause: string;
}

/** A token as found, with the person it is for. */
export interface FoundToken {
  userId: string;
  email: string;
  expiresAt: Date;
  usedAt: Date | null;
}

type Tx = Pick<TransactionScope, "db" | "sql">;

/** Makes a token for one address of a person. Earlier ones stay good until one of them is used. Stores the hash only. */
export async function issueToken(
  tx: Tx,
  { clock }: Pick<Services, "clock">,
  { userId, purpose, email }: { userId: string; purpose: TokenPurpose; email: string },
): Promise<IssuedToken> {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const [tokenHash, createdAt] = [hashOf(token), clock.now()];
  const expiresAt = new Date(createdAt.getTime() + TOKEN_TTL_MS[purpose]);
  await tx.db.insert(identityTokens).values({ tokenHash, userId, purpose, email, createdAt, expiresAt });
  return { token, expiresAt, cause: `${purpose}:${tokenHash.toString("hex").slice(0, 32)}` };
}

/**
 * Counts the links of one purpose that a person had lately, under a lock on the person, so that requests at once count one
 * after the other. @throws too_many_attempts (with retryAfterSeconds)
 */
export async function assertMayIssue(
  tx: Tx,
  { clock }: Pick<Services, "clock">,
  { userId, purpose }: { userId: string; purpose: TokenPurpose },
): Promise<void> {
  const waitMs = await waitBeforeNext(tx, { userId, purpose, now: clock.now() });
  if (waitMs <= 0) return;
  const retryAfterSeconds = Math.ceil(waitMs / SECOND_MS);
  const text = waitMs > MINUTE_MS ? `${Math.ceil(waitMs / MINUTE_MS)} minutes` : `${retryAfterSeconds} seconds`;
  const message = `A link was sent a moment ago. Look for it, also among spam; you can ask for another one in ${text}.`;
  throw new DomainError("too_many_attempts", { retryAfterSeconds }, message);
}

/** How long the person has to wait for their next link, in milliseconds. Locks the person. */
export async function waitBeforeNext(
  { sql }: Tx,
  { userId, purpose, now }: { userId: string; purpose: TokenPurpose; now: Date },
): Promise<number> {
  await sql`SELECT 1 FROM users WHERE id = ${userId} FOR UPDATE`;
  const since = new Date(now.getTime() - HOUR_MS);
  const recent = await sql<{ createdAt: Date }[]>`
    SELECT created_at AS "createdAt" FROM identity_tokens
     WHERE user_id = ${userId} AND purpose = ${purpose} AND created_at > ${since}
     ORDER BY created_at DESC LIMIT ${LINKS_PER_HOUR}`;
  const [latest, oldest] = [recent[0], recent[LINKS_PER_HOUR - 1]];
  const afterPause = latest ? latest.createdAt.getTime() + PAUSE_MS - now.getTime() : 0;
  const afterHour = oldest ? oldest.createdAt.getTime() + HOUR_MS - now.getTime() : 0;
  return Math.max(afterPause, afterHour, 0);
}

/** Finds a token and locks it. Undefined when there is none; whether it still counts is the caller's to judge. */
export async function findToken({ db }: Tx, purpose: TokenPurpose, token: string): Promise<FoundToken | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const [found] = await db
    .select()
    .from(identityTokens)
    .where(and(eq(identityTokens.tokenHash, hashOf(token)), eq(identityTokens.purpose, purpose)))
    .for("update");
  return found;
}

/** Says whether a token still counts. */
export function isGood(token: FoundToken | undefined, now: Date): token is FoundToken {
  return token !== undefined && token.usedAt === null && token.expiresAt > now;
}

/**
 * Uses up every token of these purposes that a person has: what one of them was for has happened, or may not any more. Returns how
 * many there were.
 */
export async function useUpTokens(
  { sql }: Tx,
  { clock }: Pick<Services, "clock">,
  { userId, purposes }: { userId: string; purposes: readonly TokenPurpose[] },
): Promise<number> {
  const { count } = await sql`
    UPDATE identity_tokens SET used_at = ${clock.now()}
     WHERE user_id = ${userId} AND purpose = ANY (${[...purposes]}) AND used_at IS NULL`;
  return count;
}

/** Removes tokens that expired more than a day ago. For housekeeping: an expired one is worth nothing either way. */
export async function deleteOldIdentityTokens({ db, clock }: Pick<Services, "db" | "clock">): Promise<void> {
  const before = new Date(clock.now().getTime() - DAY_MS);
  await db.drizzle.delete(identityTokens).where(lt(identityTokens.expiresAt, before));
}

/** The address that a person has asked to change to and not confirmed yet. */
export async function readPendingEmail({ db, clock }: Services, userId: string): Promise<string | null> {
  const rows = await db.drizzle
    .select({ email: identityTokens.email, createdAt: identityTokens.createdAt, expiresAt: identityTokens.expiresAt })
    .from(identityTokens)
    .where(
      and(eq(identityTokens.userId, userId), eq(identityTokens.purpose, "change_email"), isNull(identityTokens.usedAt)),
    );
  const now = clock.now();
  const [latest] = rows
    .filter((row) => row.expiresAt > now)
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
  return latest?.email ?? null;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
