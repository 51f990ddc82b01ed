import { DomainError } from "@guildhall/shared";
import type { Services } from "../../trpc/context.ts";
import { changeFactors } from "./change-factors.ts";
import { readFactorMethods } from "./factors.queries.ts";
import type { SignedInPerson } from "./signed-in-person.ts";

/** Makes ten new recovery codes; the old ones stop working. Returned for the only time. @throws confirmation_required, not_found */
export async function renewRecoveryCodes(services: Services, person: SignedInPerson): Promise<string[]> {
  const { recoveryCodes } = await changeFactors(services, person, async (tx) => {
    const { totp, passkey } = await readFactorMethods(tx, tx.userId);
    if (!totp && !passkey) throw new DomainError("not_found", {}, "Recovery codes come with the first second factor.");
    return { change: "recovery_codes_renewed" };
  });
  return recoveryCodes ?? [];
}
