import { withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNull } from "drizzle-orm";
import { recordPersonAudit } from "../../record-audit.ts";
import type { Services } from "../../trpc/context.ts";
import { findToken, isGood, useUpTokens } from "./identity-tokens.ts";
import { assertOwnAccount, type MailReader } from "./mail-reader.ts";

/**
 * Proves an address by the link that was mailed to it. The link proves that one address: after a change of address it is worth
 * nothing. Following it twice is fine. Only for who is signed in to the account. @throws link_gone, forbidden
 */
export async function verifyEmail(
  services: Services,
  input: { token: string },
  reader: MailReader,
): Promise<{ email: string }> {
  return withoutTenant(services.db, async (tx) => {
    const token = await findToken(tx, "verify_email", input.token);
    if (!token) throw new DomainError("link_gone");
    const { userId, email } = token;
    const isTheirs = and(eq(users.id, userId), eq(users.email, email));
    const [person] = await tx.db.select({ emailVerifiedAt: users.emailVerifiedAt }).from(users).where(isTheirs);
    if (person?.emailVerifiedAt) return { email };
    const now = services.clock.now();
    if (!person || !isGood(token, now)) throw new DomainError("link_gone");
    assertOwnAccount(reader, userId);
    await tx.db
      .update(users)
      .set({ emailVerifiedAt: now })
      .where(and(isTheirs, isNull(users.emailVerifiedAt)));
    await useUpTokens(tx, services, { userId, purposes: ["verify_email"] });
    recordPersonAudit(tx, services, {
      userId,
      origin: reader.origin,
      action: "account.email_verified",
      after: { email },
    });
    tx.afterCommit(() => services.bus.touchPerson(userId));
    return { email };
  });
}
