import { withEnterprise } from "@guildhall/db";
import { creditTypes } from "@guildhall/db/schema";
import { DomainError, newId } from "@guildhall/shared";
import { recordPersonAudit } from "../../record-audit.ts";
import type { Services } from "../../trpc/context.ts";
import type { EnterpriseActor } from "./read-enterprise.ts";

export interface NewCreditType {
  name: string;
  currency: string;
  microPerMinorUnit: bigint;
}

/**
 * Makes a type of credits for an enterprise (S1.8). Its price is fixed: wallets hold what was bought at it.
 * @throws name_taken
 */
export async function createCreditType(
  services: Services,
  { enterpriseId, userId, origin }: EnterpriseActor,
  input: NewCreditType,
): Promise<{ creditTypeId: string }> {
  const createdAt = services.clock.now();
  const id = newId(createdAt.getTime());
  await withEnterprise(services.db, enterpriseId, async (tx) => {
    const made = await tx.db
      .insert(creditTypes)
      .values({ enterpriseId, id, ...input, createdAt })
      .onConflictDoNothing()
      .returning({ id: creditTypes.id });
    if (made.length === 0) throw new DomainError("name_taken", { field: "name" });
    // It belongs to the enterprise, which has no log of its own: whoever made it finds it in theirs.
    recordPersonAudit(tx, services, {
      ...{ userId, origin, action: "credit_type.created" },
      subject: { kind: "credit_type", id, label: input.name },
      after: { ...input },
    });
  });
  return { creditTypeId: id };
}
