import { rolesWith } from "@guildhall/auth";
import { type TransactionScope, type Tx, withOrganizationsOfUser, withoutTenant, withUser } from "@guildhall/db";
import { members, users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordPersonAudit } from "../../record-audit.ts";
import { sendMail } from "../../send-mail.ts";
import type { Services } from "../../trpc/context.ts";
import { type FoundToken, findToken, isGood, useUpTokens } from "./identity-tokens.ts";
import { assertOwnAccount, type MailReader } from "./mail-reader.ts";

/**
 * Replaces a person's address by the one that the link was mailed to, and tells the old one; each of their organizations hears of
 * it, in the same transaction. Following the link twice is fine. Locks the person, then the heads of the logs in the order of the
 * organizations' ids. Only for who is signed in to the account. @throws link_gone, forbidden, email_taken (whoever holds the mailbox may know)
 */
export async function confirmEmailChange(
  services: Services,
  input: { token: string },
  reader: MailReader,
): Promise<{ email: string }> {
  const owner = await withoutTenant(services.db, (tx) => findToken(tx, "change_email", input.token));
  if (!owner) throw new DomainError("link_gone");
  const { userId, email } = owner;
  const organizationIds = await readMembershipIds(services, userId);
  await withOrganizationsOfUser(services.db, { userId, organizationIds }, async (tx, eachOrganization) => {
    const token = await findToken(tx, "change_email", input.token);
    const [person] = await tx.db
      .select({ name: users.name, email: users.email })
      .from(users)
      .where(eq(users.id, userId))
      .for("update");
    if (person?.email === email) return;
    if (!person || !isGood(token, services.clock.now())) throw new DomainError("link_gone");
    assertOwnAccount(reader, userId);
    await changeAddress(tx, services, token);
    await tellOldAddress(tx, services, { person, token });
    await eachOrganization(async (organization) => tellMembers(organization, services, token));
    const [before, after] = [{ email: person.email }, { email }];
    recordPersonAudit(tx, services, { userId, origin: reader.origin, action: "account.email_changed", before, after });
    tx.afterCommit(() => services.bus.touchPerson(userId));
  });
  return { email };
}

async function readMembershipIds({ db }: Services, userId: string): Promise<string[]> {
  const mine = await withUser(db, userId, (tx) =>
    tx.db.select({ id: members.organizationId }).from(members).where(eq(members.userId, userId)),
  );
  return mine.map(({ id }) => id);
}

function tellMembers(tx: Tx, services: Services, { userId, email }: FoundToken): void {
  announce(tx, services, {
    actorId: userId,
    audience: rolesWith("members.read"),
    event: { type: "member.email_changed", payload: { userId, email } },
  });
}

async function changeAddress(tx: TransactionScope, services: Services, { userId, email }: FoundToken): Promise<void> {
  const [taken] = await tx.db.select({ id: users.id }).from(users).where(eq(users.email, email));
  if (taken) throw new DomainError("email_taken", { field: "email" });
  const emailVerifiedAt = services.clock.now();
  await tx.db.update(users).set({ email, emailVerifiedAt }).where(eq(users.id, userId)).catch(asTaken);
  // Links that went to the old address prove nothing any more.
  await useUpTokens(tx, services, { userId, purposes: ["change_email", "verify_email", "reset_password"] });
}

/** Somebody took the address in this very moment. */
function asTaken(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && cause.code === "23505") throw new DomainError("email_taken", { field: "email" });
  }
  throw error;
}

async function tellOldAddress(
  tx: TransactionScope,
  services: Services,
  { person, token }: { person: { name: string; email: string }; token: FoundToken },
): Promise<void> {
  const changedAt = services.clock.now();
  await sendMail(tx, services, {
    cause: `email_changed:${token.userId}:${changedAt.toISOString()}`,
    to: person.email,
    mail: { template: "email_changed", name: person.name, newEmail: token.email, changedAt },
  });
}
