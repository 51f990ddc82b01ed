import { withoutTenant } from "@guildhall/db";
import { passkeys } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import { recordPersonAudit } from "../../record-audit.ts";
import type { Services } from "../../trpc/context.ts";
import type { SignedInPerson } from "./signed-in-person.ts";

/** Gives a passkey another name. It changes nothing about who can sign in, so no proof is asked for. @throws not_found */
export async function renamePasskey(
  services: Services,
  { user }: SignedInPerson,
  { passkeyId, name }: { passkeyId: string; name: string },
): Promise<void> {
  const isIt = and(eq(passkeys.userId, user.id), eq(passkeys.id, passkeyId));
  await withoutTenant(services.db, async (tx) => {
    const [before] = await tx.db.select({ name: passkeys.name }).from(passkeys).where(isIt).for("update");
    if (!before) throw new DomainError("not_found");
    if (before.name === name) return;
    await tx.db.update(passkeys).set({ name }).where(isIt);
    recordPersonAudit(tx, services, {
      userId: user.id,
      origin: user.origin,
      action: "second_factor.passkey_renamed",
      before,
      after: { name },
    });
    tx.afterCommit(() => services.bus.touchPerson(user.id));
  });
}
