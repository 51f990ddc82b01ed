import type { PasswordHasher } from "@guildhall/auth";
import { users } from "@guildhall/db/schema";
import { DomainError, isDomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { Caller } from "./caller.ts";
import type { SignInInput } from "./credentials-input.ts";
import { type Entry, startSession } from "./start-session.ts";

/**
 * Lets a person in by e-mail and password. An unknown address and a wrong password look the same, in the answer and in
 * the time it takes. Limits are asked before anything is hashed.
 * @throws invalid_credentials, too_many_attempts (with retryAfterSeconds), overloaded
 */
export async function signIn(services: Services, input: SignInInput, caller: Caller): Promise<Entry> {
  const attempt = await services.loginLimits.beginSignIn({ email: input.email, address: caller.address });
  const person = await readPerson(services, input.email);
  const matches = await services.passwords.verify(person?.passwordHash ?? null, input.password).catch(async (error) => {
    await attempt.takeBack(); // Nothing was compared, so nothing was guessed.
    throw error;
  });
  if (!person || !matches) throw new DomainError("invalid_credentials");
  await attempt.takeBack();
  await renewHash(services, person, input.password);
  const { passwordHash: _, ...user } = person;
  return startSession(services, user, caller);
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

/** Hashes anew what was hashed at another cost; only now is the password at hand. */
async function renewHash({ db, passwords }: Services, person: Person, password: string): Promise<void> {
  if (!passwords.needsRehash(person.passwordHash)) return;
  const passwordHash = await hashUnlessBusy(passwords, password);
  if (passwordHash === undefined) return;
  // Compares, so that a password changed in this moment is not set back.
  const unchanged = and(eq(users.id, person.id), eq(users.passwordHash, person.passwordHash));
  await db.drizzle.update(users).set({ passwordHash }).where(unchanged);
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
