import { createSessionToken, isSessionToken, sessionIdOf } from "@guildhall/auth";
import type { Sql, TransactionSql } from "@guildhall/db";
import { MINUTE_MS } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";

/** How long a person may take between the first step and the second, in milliseconds. */
const PENDING_TTL_MS = 10 * MINUTE_MS;

/** A sign-in that is not done, with the token for the browser's cookie. It opens nothing but its own second step. */
export interface PendingSignIn {
  token: string;
  expiresAt: Date;
}

/**
 * Begins a sign-in: for a person whose password was right, or for nobody yet (null), who has asked for a passkey. Only the
 * hash of the token is stored.
 */
export async function startPendingSignIn(
  { db, clock }: Pick<Services, "clock"> & { db: { sql: Sql | TransactionSql } },
  userId: string | null,
): Promise<PendingSignIn & { id: string }> {
  const token = createSessionToken();
  const id = sessionIdOf(token);
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + PENDING_TTL_MS);
  await db.sql`
    INSERT INTO pending_sign_ins (id, user_id, created_at, expires_at)
    VALUES (${id}, ${userId}, ${createdAt}, ${expiresAt})`;
  return { id, token, expiresAt };
}

/** Whose sign-in a token stands for, as long as it is neither finished nor expired. */
export interface FoundSignIn {
  id: string;
  /** Null: it is not known yet who signs in. */
  userId: string | null;
}

export async function findPendingSignIn(
  { db, clock }: Pick<Services, "db" | "clock">,
  token: string | undefined,
): Promise<FoundSignIn | undefined> {
  if (token === undefined || !isSessionToken(token)) return undefined;
  const [row] = await db.sql<FoundSignIn[]>`
    SELECT id, user_id AS "userId" FROM pending_sign_ins
     WHERE id = ${sessionIdOf(token)} AND expires_at > ${clock.now()}`;
  return row;
}

/** Uses a pending sign-in up; false when another request was first: one first step makes one session. */
export async function endPendingSignIn({ db }: { db: { sql: Sql | TransactionSql } }, id: string): Promise<boolean> {
  const ended = await db.sql`DELETE FROM pending_sign_ins WHERE id = ${id} RETURNING id`;
  return ended.length > 0;
}
