import type { PasswordHasher } from "@guildhall/auth";
import { withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError, isDomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { Caller } from "./caller.ts";
import type { SignInInput } from "./credentials-input.ts";
import { type PendingSignIn, startPendingSignIn } from "./pending-sign-in.ts";
import { type Entry, endPreviousSession } from "./start-session.ts";

/** Let in, or asked for a second factor. */
export type SignInOutcome = { entry: Entry; pending?: never } | { pending: PendingSignIn; entry?: never };

/**
 * Lets a person in by e-mail and password; whoever has a second factor is asked for it first, and only after a right
 * password. An unknown address and a wrong password look the same, in the answer and in
 * the time it takes. Limits are asked before anything is hashed.
 * @throws invalid_credentials, too_many_attempts (with retryAfterSeconds), overloaded
 */
export async function signIn(services: Services, input: SignInInput, caller: Caller): Promise<SignInOutcome> {
  const attempt = await services.loginLimits.beginSignIn({ email: input.email, address: caller.address });
  const person = await readPerson(services, input.email);
  const matches = await services.passwords.verify(person?.passwordHash ?? null, input.password).catch(async (error) => {
    await attempt.takeBack(); // Nothing was compared, so nothing was guessed.
    throw error;
  });
  if (!person || !matches) throw new DomainError("invalid_credentials");
  await attempt.takeBack();
  await renewHash(services, person, input.password);
  const outcome = await admit(services, { person, password: input.password }, caller);
  if (outcome.entry) await endPreviousSession(services, caller);
  return outcome;
}

/**
 * Under a lock that a change of password waits for: whoever knew only the old one is either in before it, and thrown out by
 * it, or not let in.
 */
async function admit(
  services: Services,
  { person, password }: { person: Person; password: string },
  caller: Caller,
): Promise<SignInOutcome> {
  const { passwordHash: comparedHash, ...user } = person;
  return withoutTenant(services.db, async (tx) => {
    const [now] = await tx.db
      .select({ hash: users.passwordHash, secondFactorSince: users.secondFactorSince })
      .from(users)
      .where(eq(users.id, user.id))
      .for("share");
    // Another hash may be that of the same password, renewed by a sign-in beside this one.
    const isStill = now && (now.hash === comparedHash || (await services.passwords.verify(now.hash, password)));
    if (!isStill) throw new DomainError("invalid_credentials");
    if (now.secondFactorSince) return { pending: await startPendingSignIn({ ...services, db: tx }, user.id) };
    tx.afterCommit(() => services.bus.touchPerson(user.id));
    return { entry: { user, session: await services.sessions.create(user.id, caller, tx) } };
  });
}

interface Person {
  id: string;
  name: string;
  email: string;
  isPlatformAdmin: boolean;
  passwordHash: string;
}

async function readPerson({ db }: Services, email: string): Promise<Person | undefined> {
  const { id, name, isPlatformAdmin, passwordHash } = users;
  const [person] = await db.drizzle
    .select({ id, name, email: users.email, isPlatformAdmin, passwordHash })
    .from(users)
    .where(eq(users.email, email));
  return person;
}

/** Hashes anew what was hashed at another cost; only now is the password at hand. Notes in `person` what is stored then. */
async function renewHash({ db, passwords }: Services, person: Person, password: string): Promise<void> {
  if (!passwords.needsRehash(person.passwordHash)) return;
  const passwordHash = await hashUnlessBusy(passwords, password);
  if (passwordHash === undefined) return;
  // Compares, so that a password changed in this moment is not set back.
  const unchanged = and(eq(users.id, person.id), eq(users.passwordHash, person.passwordHash));
  const renewed = await db.drizzle.update(users).set({ passwordHash }).where(unchanged).returning({ id: users.id });
  if (renewed.length > 0) person.passwordHash = passwordHash;
}

/** The old hash still serves: a busy server renews it at another sign-in rather than turn the person away. */
async function hashUnlessBusy(passwords: PasswordHasher, password: string): Promise<string | undefined> {
  try {
    return await passwords.hash(password);
  } catch (error) {
    if (isDomainError(error) && error.code === "overloaded") return undefined;
    throw error;
  }
}
