import { createTotpSecret, totpUri } from "@guildhall/auth";
import { totpSetups } from "@guildhall/db/schema";
import { MINUTE_MS } from "@guildhall/shared";
import { and, eq, gt } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { requireRecentProof } from "./recent-proof.ts";
import type { SignedInPerson } from "./signed-in-person.ts";
import { totpPurpose } from "./totp-secret.ts";
import { requireVerifiedAddress } from "./verified-address.ts";

/** How long a person may take to set up their app, in milliseconds. */
const SETUP_TTL_MS = 15 * MINUTE_MS;

/** What an app is set up with: the address behind the QR code, and the secret for typing. */
export interface TotpSetup {
  uri: string;
  secret: string;
}

/**
 * Makes a secret for this session to set up; one that was begun before is forgotten. It counts as nothing until a code of it
 * was typed: a factor that is in use stays. @throws confirmation_required, address_unverified
 */
export async function beginTotp(services: Services, person: SignedInPerson): Promise<void> {
  await requireRecentProof(services, person);
  await requireVerifiedAddress({ ...services, db: services.db.drizzle }, person.user.id);
  const { db, clock, sealer } = services;
  const userId = person.user.id;
  const setup = {
    sessionId: person.session.id,
    sealedSecret: sealer.seal(totpPurpose(userId), createTotpSecret()),
    expiresAt: new Date(clock.now().getTime() + SETUP_TTL_MS),
  };
  await db.drizzle
    .insert(totpSetups)
    .values({ userId, ...setup })
    .onConflictDoUpdate({ target: totpSetups.userId, set: setup });
}

/** The setup that this session has begun, the same each time it is read; null when there is none or it has expired. */
export async function readTotpSetup(
  { db, clock, sealer }: Services,
  { user, session }: SignedInPerson,
): Promise<TotpSetup | null> {
  const [setup] = await db.drizzle
    .select({ sealedSecret: totpSetups.sealedSecret })
    .from(totpSetups)
    .where(
      and(eq(totpSetups.userId, user.id), eq(totpSetups.sessionId, session.id), gt(totpSetups.expiresAt, clock.now())),
    );
  if (!setup) return null;
  const secret = sealer.open(totpPurpose(user.id), setup.sealedSecret);
  return { secret, uri: totpUri(secret, user.email) };
}
