import { passkeys, totpFactors, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, count, eq, isNull } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { readFactorMethods } from "../second-factor/index.ts";
import type { PlatformActor } from "./platform-actor.ts";

/**
 * Finds the account of a whole address: there is no list of people to look through. Each admin is limited.
 * @throws unknown_person, too_many_attempts
 */
export async function findPerson(
  { db, loginLimits }: Services,
  actor: PlatformActor,
  { email }: { email: string },
): Promise<{ userId: string }> {
  await loginLimits.beginLookup({ userId: actor.userId });
  const [found] = await db.drizzle
    .select({ userId: users.id })
    .from(users)
    .where(and(eq(users.email, email), isNull(users.deletedAt)));
  if (!found) throw new DomainError("unknown_person", { field: "email" }, "Nobody has an account with this address.");
  return found;
}

/** What support sees of a person: who they are and how they sign in, not where they belong (C4). @throws not_found */
export async function readPerson({ db }: Services, actor: PlatformActor, userId: string) {
  const { id, name, email, emailVerifiedAt, createdAt, secondFactorSince } = users;
  const [person] = await db.drizzle
    .select({ userId: id, name, email, emailVerifiedAt, createdAt, secondFactorSince })
    .from(users)
    .where(and(eq(id, userId), isNull(users.deletedAt)));
  if (!person) throw new DomainError("not_found");
  const { recoveryCodesLeft } = await readFactorMethods(db, userId);
  const [apps] = await db.drizzle.select({ n: count() }).from(totpFactors).where(eq(totpFactors.userId, userId));
  const [keys] = await db.drizzle.select({ n: count() }).from(passkeys).where(eq(passkeys.userId, userId));
  return {
    ...{ userId: person.userId, name: person.name, email: person.email },
    isVerified: person.emailVerifiedAt !== null,
    createdAt: person.createdAt.toISOString(),
    isSelf: userId === actor.userId,
    /** Null: they sign in with the password alone. */
    secondFactor: person.secondFactorSince && {
      since: person.secondFactorSince.toISOString(),
      hasApp: (apps?.n ?? 0) > 0,
      passkeyCount: keys?.n ?? 0,
      recoveryCodesLeft,
    },
  };
}
