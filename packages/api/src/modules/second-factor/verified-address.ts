import type { Database, TransactionScope } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNull } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";

type Reading = Pick<Services, "mailDelivery"> & { db: Database["drizzle"] | TransactionScope["db"] };

/**
 * Whether a person has to prove their address before their first factor: else somebody could sign up with the address of
 * another person and lock them out for good. Where no mail is sent nobody can prove one, and nothing is asked.
 */
export async function isAddressDue({ mailDelivery, db }: Reading, userId: string): Promise<boolean> {
  if (mailDelivery === "off") return false;
  const [due] = await db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), isNull(users.emailVerifiedAt), isNull(users.secondFactorSince)));
  return due !== undefined;
}

/** @throws address_unverified, as long as `isAddressDue` */
export async function requireVerifiedAddress(reading: Reading, userId: string): Promise<void> {
  if (await isAddressDue(reading, userId)) throw new DomainError("address_unverified");
}
