import type { KnownPasskey } from "@guildhall/auth";
import type { Sql, TransactionSql } from "@guildhall/db";
import { passkeys, totpFactors } from "@guildhall/db/schema";
import { asc, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { SignedInPerson } from "./signed-in-person.ts";
import { isAddressDue } from "./verified-address.ts";

/** The ways in which somebody can prove themselves beside the password. */
export interface FactorMethods {
  totp: boolean;
  passkey: boolean;
  /** Unused recovery codes. They are a way back, not a factor of their own. */
  recoveryCodesLeft: number;
}

/** How a person may prove themselves now. */
export async function readFactorMethods(
  { sql }: { sql: Sql | TransactionSql },
  userId: string,
): Promise<FactorMethods> {
  const [row] = await sql<FactorMethods[]>`
    SELECT EXISTS (SELECT FROM totp_factors WHERE user_id = ${userId}) AS totp,
           EXISTS (SELECT FROM passkeys WHERE user_id = ${userId}) AS passkey,
           (SELECT count(*)::int FROM recovery_codes WHERE user_id = ${userId} AND used_at IS NULL) AS "recoveryCodesLeft"`;
  return row ?? { totp: false, passkey: false, recoveryCodesLeft: 0 };
}

/** The passkeys of a person, as the browser has to be told of them. */
export function readKnownPasskeys(
  { db }: Pick<Services, "db">,
  userId: string,
): Promise<Pick<KnownPasskey, "credentialId" | "transports">[]> {
  return db.drizzle
    .select({ credentialId: passkeys.credentialId, transports: passkeys.transports })
    .from(passkeys)
    .where(eq(passkeys.userId, userId));
}

/** What the security page shows of a person's factors. */
export async function readFactors(services: Services, { user, session }: SignedInPerson) {
  const { db, sessions, clock, mailDelivery } = services;
  const [totp] = await db.drizzle
    .select({ createdAt: totpFactors.createdAt, lastUsedAt: totpFactors.lastUsedAt })
    .from(totpFactors)
    .where(eq(totpFactors.userId, user.id));
  const keys = await db.drizzle
    .select()
    .from(passkeys)
    .where(eq(passkeys.userId, user.id))
    .orderBy(asc(passkeys.createdAt), asc(passkeys.id));
  const { recoveryCodesLeft } = await readFactorMethods(db, user.id);
  const confirmedUntil = await sessions.confirmedUntil(session.id);
  return {
    totp: totp ? { createdAt: totp.createdAt.toISOString(), lastUsedAt: totp.lastUsedAt?.toISOString() ?? null } : null,
    passkeys: keys.map(({ id, name, isSynced, createdAt, lastUsedAt }) => ({
      passkeyId: id,
      name,
      isSynced,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
    })),
    recoveryCodesLeft,
    /** Whether the person has to verify their address before their first factor. */
    isAddressDue: await isAddressDue({ mailDelivery, db: db.drizzle }, user.id),
    /** Whether factors can be changed now, or the person has to prove first that it is them. */
    isConfirmed: confirmedUntil !== undefined && confirmedUntil > clock.now(),
  };
}
