import { deviceName } from "@guildhall/auth";
import { type TransactionScope, withoutTenant } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { recordPersonAudit } from "../../record-audit.ts";
import { type CausedMail, sendMails } from "../../send-mail.ts";
import type { CallingUser, Services } from "../../trpc/context.ts";
import { assertMayIssue, type IssuedToken, issueToken, useUpTokens } from "./identity-tokens.ts";

/** What a person gives to change their address: the new one, and the password, so that an open window is not enough. */
export interface EmailChangeRequest {
  email: string;
  password: string;
}

/**
 * Mails a link to the new address; nothing changes before it is followed. The present address is told at once, while its owner can
 * still stop it. An address that somebody has already gets a note instead of the link, and the answer is the same. @throws mail_off, wrong_password, invalid_input, too_many_attempts, overloaded
 */
export async function requestEmailChange(
  services: Services,
  user: CallingUser,
  input: EmailChangeRequest,
): Promise<void> {
  if (services.mailDelivery === "off") throw new DomainError("mail_off");
  if (input.email === user.email) {
    throw new DomainError("invalid_input", { field: "email" }, "This is your address already.");
  }
  await assertPassword(services, user, input.password);
  await withoutTenant(services.db, async (tx) => {
    const purpose = "change_email";
    await assertMayIssue(tx, services, { userId: user.id, purpose });
    await useUpTokens(tx, services, { userId: user.id, purposes: [purpose] });
    await mailBothAddresses(tx, services, { user, email: input.email });
    const { id: userId, origin } = user;
    recordPersonAudit(tx, services, { userId, origin, action: "account.email_change_requested" });
    tx.afterCommit(() => services.bus.touchPerson(userId));
  });
}

async function assertPassword(services: Services, user: CallingUser, password: string): Promise<void> {
  const { db, loginLimits, passwords } = services;
  const attempt = await loginLimits.beginSignIn({ email: user.email, address: user.origin?.address ?? "" });
  const [person] = await db.drizzle
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(eq(users.id, user.id));
  const matches = await passwords.verify(person?.passwordHash ?? null, password);
  if (!matches) throw new DomainError("wrong_password", { field: "password" });
  await attempt.takeBack();
}

/** The token is made in either case: it counts against the limit, and shows as pending, for a taken address as for a free one. */
async function mailBothAddresses(
  tx: TransactionScope,
  services: Services,
  { user, email }: { user: CallingUser; email: string },
): Promise<void> {
  const issued = await issueToken(tx, services, { userId: user.id, purpose: "change_email", email });
  const [holder] = await tx.db.select({ name: users.name }).from(users).where(eq(users.email, email));
  const { publicUrl } = services;
  const mail = holder
    ? ({ template: "email_in_use", name: holder.name, url: `${publicUrl}/forgot-password` } as const)
    : ({
        template: "change_email",
        name: user.name,
        newEmail: email,
        url: `${publicUrl}/confirm-email/${issued.token}`,
        expiresAt: issued.expiresAt,
      } as const);
  const toOld = { user, email, issued };
  await sendMails(tx, services, [{ cause: issued.cause, to: email, mail }, noticeToOld(services, toOld)]);
}

/** One for each request: it has the token's cause. */
function noticeToOld(
  { clock, publicUrl }: Services,
  { user, email, issued }: { user: CallingUser; email: string; issued: IssuedToken },
): CausedMail {
  return {
    cause: `asked:${issued.cause}`,
    to: user.email,
    mail: {
      template: "email_change_requested",
      name: user.name,
      newEmail: email,
      changedAt: clock.now(),
      address: user.origin?.address ?? "",
      device: deviceName(user.origin?.userAgent ?? ""),
      url: `${publicUrl}/settings/account`,
      linkExpiresAt: issued.expiresAt,
    },
  };
}

/** Takes a change back that is not confirmed yet: its link is worth nothing any more. Idempotent. */
export async function cancelEmailChange(services: Services, user: CallingUser): Promise<void> {
  await withoutTenant(services.db, async (tx) => {
    const { id: userId, origin } = user;
    const takenBack = await useUpTokens(tx, services, { userId, purposes: ["change_email"] });
    if (takenBack === 0) return;
    recordPersonAudit(tx, services, { userId, origin, action: "account.email_change_cancelled" });
    tx.afterCommit(() => services.bus.touchPerson(userId));
  });
}
