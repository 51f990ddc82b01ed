import { findTotpStep } from "@guildhall/auth";
import { totpFactors, totpSetups } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { readTotpSetup } from "./begin-totp.ts";
import { type ChangedFactors, changeFactors } from "./change-factors.ts";
import { beginFactorAttempt } from "./factor-attempts.ts";
import type { SignedInPerson } from "./signed-in-person.ts";
import { totpPurpose } from "./totp-secret.ts";

const WRONG_AT_SETUP =
  "This is not the code that the app shows now. Type the newest one; the device’s clock must be right.";

/**
 * Makes the app that was set up a second factor, once it has shown a right code; it replaces the one before. The first
 * factor of a person signs their other devices out and brings the recovery codes, which are returned for the only time.
 * @throws confirmation_required, setup_expired, wrong_code, too_many_attempts
 */
export async function addTotp(
  services: Services,
  person: SignedInPerson,
  input: { code: string },
): Promise<ChangedFactors> {
  const setup = await readTotpSetup(services, person);
  if (!setup) throw new DomainError("setup_expired");
  const { clock, sealer } = services;
  const userId = person.user.id;
  const attempt = await beginFactorAttempt(services, userId);
  const lastStep = findTotpStep(setup.secret, input.code, clock.now());
  if (lastStep === undefined) throw new DomainError("wrong_code", {}, WRONG_AT_SETUP);
  await attempt.takeBack();
  const factor = {
    sealedSecret: sealer.seal(totpPurpose(userId), setup.secret),
    lastStep,
    createdAt: clock.now(),
    lastUsedAt: null,
  };
  return changeFactors(services, person, async (tx) => {
    // Once per setup, however often the form is sent.
    const begun = await tx.db.delete(totpSetups).where(eq(totpSetups.userId, userId)).returning();
    if (begun.length === 0) throw new DomainError("setup_expired");
    await tx.db
      .insert(totpFactors)
      .values({ userId, ...factor })
      .onConflictDoUpdate({ target: totpFactors.userId, set: factor });
    return { change: "totp_added" };
  });
}
