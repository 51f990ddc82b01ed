import { rolesWith } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { organizations } from "@guildhall/db/schema";
import { eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "../organizations/index.ts";

/**
 * Sets what one member may spend of the wallet in a month: null = no limit, zero = nothing (S1.15, C10). Holds from the next
 * charge on, for what was spent this month already, too. Locks the organization. The same limit again announces nothing.
 */
export async function setAllowance(
  services: Services,
  actor: OrganizationActor,
  input: { allowanceMicro: bigint | null },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    const { monthlyAllowanceMicro, name } = await lockOrganizationAs(tx, actor, "wallet.adjust");
    if (monthlyAllowanceMicro === input.allowanceMicro) return;
    await tx.db
      .update(organizations)
      .set({ monthlyAllowanceMicro: input.allowanceMicro })
      .where(eq(organizations.id, tx.organizationId));
    recordAudit(tx, services, {
      actor,
      action: "allowance.changed",
      subject: { kind: "organization", id: tx.organizationId, label: name },
      before: { monthlyAllowanceMicro },
      after: { monthlyAllowanceMicro: input.allowanceMicro },
    });
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("wallet.read"),
      event: {
        type: "allowance.changed",
        payload: { monthlyAllowanceMicro: input.allowanceMicro === null ? null : String(input.allowanceMicro) },
      },
    });
  });
}
