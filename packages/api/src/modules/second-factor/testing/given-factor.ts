import { createPasswordHasher, totpCodeAt } from "@guildhall/auth";
import { createSoftAuthenticator } from "@guildhall/auth/testing";
import type { Database } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { MINUTE_MS, newId } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { onTestFinished } from "vitest";
import { givenServices, givenUser } from "../../../testing/given.ts";
import type { Services } from "../../../trpc/context.ts";
import { addPasskey } from "../add-passkey.ts";
import { addTotp } from "../add-totp.ts";
import { beginPasskey } from "../begin-passkey.ts";
import { beginTotp, readTotpSetup } from "../begin-totp.ts";
import type { SignedInPerson } from "../signed-in-person.ts";

export const PASSWORD = "a quiet harbour at dawn";

/** Services whose clock a test moves, and whose password hashing costs nothing. */
export function givenClockwork(db: Database) {
  let now = new Date("2026-03-03T08:00:00Z");
  const clock = { now: () => now };
  const passwords = createPasswordHasher({ cost: { memoryKib: 64, passes: 1, lanes: 1 } });
  const services = givenServices(db, { clock, passwords });
  onTestFinished(() => services.stop());
  return {
    services,
    pass(ms: number) {
      now = new Date(now.getTime() + ms);
    },
  };
}

/** A person with a password and a verified address, signed in just now. */
export async function givenSignedIn(services: Services, name = "Ada"): Promise<SignedInPerson & { token: string }> {
  const user = await givenUser(services.db, name);
  const passwordHash = await services.passwords.hash(PASSWORD);
  await services.db.drizzle
    .update(users)
    .set({ passwordHash, emailVerifiedAt: new Date() })
    .where(eq(users.id, user.id));
  const origin = { address: "192.0.2.7", userAgent: "Mozilla/5.0 (Windows NT 10.0) Firefox/132.0", requestId: newId() };
  const { id, token } = await services.sessions.create(user.id, origin);
  return { user: { ...user, origin }, session: { id }, token };
}

/** Sets an app up for a person. `codeNow` is what it shows. */
export async function givenTotp(services: Services, person: SignedInPerson) {
  await beginTotp(services, person);
  const { secret = "" } = (await readTotpSetup(services, person)) ?? {};
  const codeNow = () => totpCodeAt(secret, services.clock.now());
  const { recoveryCodes } = await addTotp(services, person, { code: codeNow() });
  return { secret, codeNow, recoveryCodes: recoveryCodes ?? [] };
}

/** Puts a passkey of software on a person's account. */
export async function givenPasskey(services: Services, person: SignedInPerson, name = "Laptop") {
  const authenticator = createSoftAuthenticator(services.publicUrl);
  const options = await beginPasskey(services, person);
  const { recoveryCodes } = await addPasskey(services, person, { name, response: authenticator.create(options) });
  return { authenticator, recoveryCodes: recoveryCodes ?? [] };
}

/** Longer than a code stands, so that the app shows another one. */
export const NEXT_CODE_MS = MINUTE_MS;

/** Whether a person's row says that they have a second factor: what sign-in and organizations go by. */
export async function hasSecondFactor({ sql }: Database, userId: string): Promise<boolean> {
  const [row] = await sql`SELECT second_factor_since AS since FROM users WHERE id = ${userId}`;
  return row?.since != null;
}
