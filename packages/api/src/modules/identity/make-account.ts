import type { Database, TransactionScope } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { type Clock, DomainError, newId } from "@guildhall/shared";
import type { User } from "../../trpc/context.ts";

/** A new person, as their row is written. */
export interface NewAccount {
  name: string;
  email: string;
  passwordHash: string;
  /** Set when the way in has proved the address already: a link that only its mailbox was sent. */
  emailVerifiedAt: Date | null;
}

/** Writes the row of a new person. Two at once with one address make one. @throws email_taken */
export async function makeAccount(
  db: Database["drizzle"] | TransactionScope["db"],
  clock: Clock,
  account: NewAccount,
): Promise<User> {
  const createdAt = clock.now();
  const { name, email } = account;
  const user = { id: newId(createdAt.getTime()), name, email, isPlatformAdmin: false };
  const made = await db
    .insert(users)
    .values({ ...account, ...user, createdAt })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  if (made.length === 0) throw emailTaken();
  return user;
}

/** There is an account with this address; the refusal belongs to its field. */
export function emailTaken(): DomainError {
  return new DomainError("email_taken", { field: "email" });
}
