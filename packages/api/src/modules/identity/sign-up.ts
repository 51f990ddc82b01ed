import { withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import type { Caller } from "./caller.ts";
import type { SignUpInput } from "./credentials-input.ts";
import { emailTaken, makeAccount } from "./make-account.ts";
import { mailVerification } from "./send-verification.ts";
import { type Entry, startSession } from "./start-session.ts";

/**
 * Makes an account, mails the link that proves its address, and lets its owner in. Two at once with one address make one account. Says when the address is taken:
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
  const account = { name: input.name, email: input.email, passwordHash, emailVerifiedAt: null };
  const user = await withoutTenant(db, async (tx) => {
    const made = await makeAccount(tx.db, clock, account);
    await mailVerification(tx, services, made);
    return made;
  });
  return startSession(services, user, caller);
}
