import { type UserTx, withUser } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { DomainError, newId } from "@guildhall/shared";
import { and, eq, isNull } from "drizzle-orm";
import { sendMail } from "../../send-mail.ts";
import type { Services } from "../../trpc/context.ts";
import { removeEveryFactor } from "../second-factor/index.ts";
import type { PlatformActor } from "./platform-actor.ts";
import { requirePlatformAdmin } from "./require-platform-admin.ts";

interface FactorReset {
  userId: string;
  /** The person's address, typed: nobody resets another person than they mean. In the form in which addresses are stored. */
  email: string;
  /** How the admin made sure who asks; stands in the person's audit log. */
  reason: string;
}

const OWN =
  "You cannot reset your own second factor here. Use Settings > Security, or ask another platform admin if you have lost it.";

/** A password alone, guessed or stolen, must not take the factors off everybody else's accounts. */
const LACKS_OWN =
  "Only an admin who has a second factor resets another person’s. Set one up under Settings > Security, then try again.";

/**
 * Takes every second factor, the recovery codes and all sessions off the account of somebody who has lost them: support's way. The
 * person is mailed; it stands in their audit log, under the admin's name, and in the server's. Organizations that require a factor keep them out until
 * they have one again. Who has none: changes nothing. Locks the person.
 * @throws forbidden (oneself), second_factor_required (the admin has none), not_found, invalid_input (another address)
 */
export async function resetSecondFactor(
  services: Services,
  actor: PlatformActor,
  { userId, email, reason }: FactorReset,
): Promise<{ wasRemoved: boolean }> {
  if (userId === actor.userId) throw new DomainError("forbidden", {}, OWN);
  return withUser(services.db, userId, async (tx) => {
    const person = await lockAccount(tx);
    const { name: resetByName, hasSecondFactor } = await requirePlatformAdmin(tx, actor);
    if (!hasSecondFactor) throw new DomainError("second_factor_required", {}, LACKS_OWN);
    if (email !== person.email) {
      throw new DomainError("invalid_input", { field: "email" }, "This is not the address of this account.");
    }
    // Not the admin's address and browser: it is the person who reads their log.
    const by = { userId: actor.userId };
    if (!(await removeEveryFactor(tx, services, { actor: by, reason }))) return { wasRemoved: false };
    await services.sessions.endAll(userId, undefined, tx);
    await tellPerson(tx, services, { ...person, resetByName });
    tx.afterCommit(() => {
      services.bus.touchPerson(userId);
      services.log.warn({ userId, platformAdminId: actor.userId }, "a platform admin has reset a second factor");
    });
    return { wasRemoved: true };
  });
}

/** @throws not_found, for an account that was deleted too */
async function lockAccount(tx: UserTx): Promise<{ name: string; email: string }> {
  const [person] = await tx.db
    .select({ name: users.name, email: users.email })
    .from(users)
    .where(and(eq(users.id, tx.userId), isNull(users.deletedAt)))
    .for("no key update");
  if (!person) throw new DomainError("not_found");
  return person;
}

async function tellPerson(
  tx: UserTx,
  services: Services,
  { name, email, resetByName }: { name: string; email: string; resetByName: string },
): Promise<void> {
  const changedAt = services.clock.now();
  await sendMail(tx, services, {
    cause: `second_factor_reset:${newId(changedAt.getTime())}`,
    to: email,
    mail: {
      template: "second_factor_reset",
      name,
      resetByName,
      changedAt,
      url: `${services.publicUrl}/settings/security`,
    },
  });
}
