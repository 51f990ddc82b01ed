import type { EnterpriseTx } from "@guildhall/db";
import { recordPersonAudit } from "../../record-audit.ts";
import type { Services } from "../../trpc/context.ts";
import type { EnterpriseActor } from "./read-enterprise.ts";

interface AdminChange {
  actor: EnterpriseActor;
  action: "enterprise.admin_added" | "enterprise.admin_removed";
  person: { id: string; name: string; email: string };
  /** Everybody whose page shows the admins. */
  adminIds: readonly string[];
}

/** An enterprise has no log of its own: who acted finds the change in theirs, and so does whom it is about. */
export function tellAdminChange(tx: EnterpriseTx, services: Services, change: AdminChange): void {
  const { action, person, adminIds } = change;
  const { userId, origin, enterpriseId, name } = change.actor;
  const facts = { person: person.name, email: person.email };
  for (const chain of new Set([userId, person.id])) {
    recordPersonAudit(tx, services, {
      ...{ userId: chain, actor: { userId, origin }, action },
      subject: { kind: "enterprise", id: enterpriseId, label: name },
      ...(action === "enterprise.admin_added" ? { after: facts } : { before: facts }),
    });
  }
  tx.afterCommit(() => {
    for (const id of new Set([...adminIds, person.id])) services.bus.touchPerson(id);
  });
}
