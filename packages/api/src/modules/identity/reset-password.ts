import { deviceName, findPasswordWeakness } from "@guildhall/auth";
import { type TransactionScope, type UserTx, withoutTenant, withUser } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import { recordPersonAudit } from "../../record-audit.ts";
import { sendMail } from "../../send-mail.ts";
import type { Origin, Services } from "../../trpc/context.ts";
import { removeEveryFactor } from "../second-factor/index.ts";
import { weaknessMessages } from "./credentials-input.ts";
import { type FoundToken, findToken, isGood, useUpTokens } from "./identity-tokens.ts";

/** A person for whom a link sets a new password. */
interface Owner {
  name: string;
  email: string;
}

/** Says whose password a link sets, for the page that asks for the new one. Uses up nothing. @throws link_gone */
export async function readPasswordReset(services: Services, input: { token: string }): Promise<{ email: string }> {
  return withoutTenant(services.db, async (tx) => {
    const { owner } = await findOwner(tx, services, input.token);
    return { email: owner.email };
  });
}

/**
 * Sets a new password by the link that was mailed, once. Every session ends, and the sockets that it opened; the person signs
 * in anew, with their second factor if they have one. The address counts as proved; factors from before that was so are removed,
 * for whoever added them may have signed up with an address of somebody else. @throws link_gone, invalid_input, overloaded
 */
export async function resetPassword(
  services: Services,
  input: { token: string; password: string },
  origin: Origin,
): Promise<{ email: string }> {
  // Before anything is hashed: an unknown link costs as little as possible.
  const { userId, email, name } = await withoutTenant(services.db, async (tx) => {
    const { token, owner } = await findOwner(tx, services, input.token);
    return { userId: token.userId, ...owner };
  });
  const weakness = findPasswordWeakness(input.password, [name, email]);
  if (weakness) throw new DomainError("invalid_input", { field: "password" }, weaknessMessages[weakness]);
  const passwordHash = await services.passwords.hash(input.password);
  return withUser(services.db, userId, async (tx) => {
    const { token, owner } = await findOwner(tx, services, input.token);
    await setPassword(tx, services, { passwordHash, origin });
    await tellOwner(tx, services, { token, owner, origin });
    return { email: owner.email };
  });
}

/** The link's person, as long as it counts: it is for the address that they have now. Locks the token. @throws link_gone */
async function findOwner(
  tx: TransactionScope,
  { clock }: Services,
  text: string,
): Promise<{ token: FoundToken; owner: Owner }> {
  const token = await findToken(tx, "reset_password", text);
  if (!isGood(token, clock.now())) throw new DomainError("link_gone");
  const [owner] = await tx.db
    .select({ name: users.name, email: users.email })
    .from(users)
    .where(and(eq(users.id, token.userId), eq(users.email, token.email)));
  if (!owner) throw new DomainError("link_gone");
  return { token, owner };
}

async function setPassword(
  tx: UserTx,
  services: Services,
  { passwordHash, origin }: { passwordHash: string; origin: Origin },
): Promise<void> {
  const { userId } = tx;
  const now = services.clock.now();
  const [person] = await tx.db
    .select({ emailVerifiedAt: users.emailVerifiedAt })
    .from(users)
    .where(eq(users.id, userId))
    .for("no key update");
  if (!person?.emailVerifiedAt) await removeEveryFactor(tx, services, { origin });
  await tx.sql`
    UPDATE users SET password_hash = ${passwordHash}, email_verified_at = coalesce(email_verified_at, ${now})
     WHERE id = ${userId}`;
  // A link to another address that somebody else may have asked for dies as well.
  await useUpTokens(tx, services, { userId, purposes: ["reset_password", "change_email"] });
  await services.sessions.endAll(userId, undefined, tx);
}

async function tellOwner(
  tx: TransactionScope,
  services: Services,
  { token, owner, origin }: { token: FoundToken; owner: Owner; origin: Origin },
): Promise<void> {
  const { userId } = token;
  const changedAt = services.clock.now();
  const device = deviceName(origin.userAgent);
  const url = `${services.publicUrl}/forgot-password`;
  await sendMail(tx, services, {
    cause: `password_changed:${userId}:${changedAt.toISOString()}`,
    to: owner.email,
    mail: { template: "password_changed", name: owner.name, changedAt, address: origin.address, device, url },
  });
  recordPersonAudit(tx, services, { userId, origin, action: "account.password_reset" });
  tx.afterCommit(() => services.bus.touchPerson(userId));
}
