import { users } from "@guildhall/db/schema";
import { DomainError, newId } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { Caller } from "./caller.ts";
import type { SignUpInput } from "./credentials-input.ts";
import { type Entry, startSession } from "./start-session.ts";

/**
 * Makes an account and lets its owner in. Two at once with one address make one account. Says when the address is taken:
 * without mail there is no other way to tell its owner, and the limit per address keeps it from being a directory.
 * @throws email_taken, too_many_attempts (with retryAfterSeconds), overloaded
 */
export async function signUp(services: Services, input: SignUpInput, caller: Caller): Promise<Entry> {
  const { db, clock, passwords, loginLimits } = services;
  await loginLimits.beginSignUp({ address: caller.address });
  // Saves the hashing in the common case; the insert below decides.
  const [taken] = await db.drizzle.select({ id: users.id }).from(users).where(eq(users.email, input.email));
  if (taken) throw emailTaken();
  const passwordHash = await passwords.hash(input.password);
  const createdAt = clock.now();
  const user = { id: newId(createdAt.getTime()), name: input.name, email: input.email, isPlatformAdmin: false };
  const made = await db.drizzle
    .insert(users)
    .values({ ...user, passwordHash, createdAt })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  if (made.length === 0) throw emailTaken();
  return startSession(services, user, caller);
}

function emailTaken(): DomainError {
  return new DomainError("email_taken", { field: "email" });
}
