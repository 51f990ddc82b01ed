import { type TransactionScope, withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { sendMail } from "../../send-mail.ts";
import type { Services, User } from "../../trpc/context.ts";
import { assertMayIssue, issueToken } from "./identity-tokens.ts";

/**
 * Sends a person the link that proves their address, once more. Does nothing when it is proved already.
 * @throws mail_off, too_many_attempts (with retryAfterSeconds)
 */
export async function sendVerification(services: Services, user: User): Promise<{ sent: boolean }> {
  if (services.mailDelivery === "off") throw new DomainError("mail_off");
  return withoutTenant(services.db, async (tx) => {
    await assertMayIssue(tx, services, { userId: user.id, purpose: "verify_email" });
    const [person] = await tx.db
      .select({ email: users.email, emailVerifiedAt: users.emailVerifiedAt })
      .from(users)
      .where(eq(users.id, user.id));
    if (!person || person.emailVerifiedAt) return { sent: false };
    await mailVerification(tx, services, { ...user, email: person.email });
    return { sent: true };
  });
}

/** Mails the link in the caller's transaction: at sign-up, with the account itself. */
export async function mailVerification(
  tx: Pick<TransactionScope, "db" | "sql">,
  services: Services,
  user: Pick<User, "id" | "name" | "email">,
): Promise<void> {
  if (services.mailDelivery === "off") return;
  const { id: userId, name, email } = user;
  const { token, expiresAt, cause } = await issueToken(tx, services, { userId, purpose: "verify_email", email });
  const url = `${services.publicUrl}/verify-email/${token}`;
  await sendMail(tx, services, { cause, to: email, mail: { template: "verify_email", name, url, expiresAt } });
}
