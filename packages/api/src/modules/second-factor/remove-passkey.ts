import { passkeys } from "@guildhall/db/schema";
import { and, eq } from "drizzle-orm";
import type { Services } from "../../trpc/context.ts";
import { changeFactors } from "./change-factors.ts";
import type { SignedInPerson } from "./signed-in-person.ts";

/** Takes a passkey off the account; twice is the same as once. What it says of the last factor: see removeTotp. @throws confirmation_required */
export async function removePasskey(
  services: Services,
  person: SignedInPerson,
  { passkeyId }: { passkeyId: string },
): Promise<void> {
  await changeFactors(services, person, async (tx) => {
    const [removed] = await tx.db
      .delete(passkeys)
      .where(and(eq(passkeys.userId, tx.userId), eq(passkeys.id, passkeyId)))
      .returning({ name: passkeys.name });
    return removed ? { change: "passkey_removed", label: removed.name } : null;
  });
}
