import { setTimeout as sleep } from "node:timers/promises";
import { withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq, isNull } from "drizzle-orm";
import { sendMail } from "../../send-mail.ts";
import type { Services } from "../../trpc/context.ts";
import { issueToken, waitBeforeNext } from "./identity-tokens.ts";

/** The answer takes this long whether or not there is such an account, in milliseconds: far longer than the work. */
const ANSWER_MS = 400;

/**
 * Mails a link that sets a new password, if there is an account with this address. Whether there is one shows neither in the
 * answer nor in the time that it takes, and neither does an account that has had its links for this hour.
 * @throws mail_off, too_many_attempts (with retryAfterSeconds): both the same for every address
 */
export async function requestPasswordReset(
  services: Services,
  { email }: { email: string },
  { address }: { address: string },
): Promise<void> {
  if (services.mailDelivery === "off") throw new DomainError("mail_off");
  await services.loginLimits.beginReset({ email, address });
  const sending = mailReset(services, email);
  // Waited for first, so that a failure, too, comes at the same time.
  await Promise.all([sleep(ANSWER_MS), Promise.allSettled([sending])]);
  await sending;
}

async function mailReset(services: Services, email: string): Promise<void> {
  await withoutTenant(services.db, async (tx) => {
    const [person] = await tx.db
      .select({ userId: users.id, name: users.name })
      .from(users)
      .where(and(eq(users.email, email), isNull(users.deletedAt)));
    if (!person) return;
    const { userId, name } = person;
    const purpose = "reset_password";
    if ((await waitBeforeNext(tx, { userId, purpose, now: services.clock.now() })) > 0) return;
    const { token, expiresAt, cause } = await issueToken(tx, services, { userId, purpose, email });
    const url = `${services.publicUrl}/reset-password/${token}`;
    await sendMail(tx, services, { cause, to: email, mail: { template: "reset_password", name, url, expiresAt } });
  });
}
