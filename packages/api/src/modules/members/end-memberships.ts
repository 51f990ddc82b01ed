import { rolesWith } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { members } from "@guildhall/db/schema";
import { and, eq, inArray } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import type { RosterEntry } from "./roster.ts";

/** Why memberships end, and by whom. */
export interface Ending {
  actor: Pick<OrganizationActor, "userId" | "origin">;
  reason: "removed" | "left" | "account_deleted";
}

const ACTIONS = {
  removed: "member.removed",
  left: "member.left",
  account_deleted: "member.account_deleted",
} as const;

/**
 * Ends memberships of the transaction's organization, all in one place: the rows, the events, the audit. The events stand in
 * the organization's own log, so what a removed person's pages get ends exactly there. Call it under the organization's
 * lock, once it is decided.
 */
export async function endMemberships(
  tx: Tx,
  services: Services,
  { ended, actor, reason }: Ending & { ended: readonly RosterEntry[] },
): Promise<void> {
  if (ended.length === 0) return;
  const ids = ended.map(({ userId }) => userId);
  await tx.db.delete(members).where(and(eq(members.organizationId, tx.organizationId), inArray(members.userId, ids)));
  for (const { userId, name, role } of ended) {
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("members.read"),
      event: { type: "member.removed", payload: { userId, name, reason } },
    });
    recordAudit(tx, services, {
      actor,
      action: ACTIONS[reason],
      subject: { kind: "member", id: userId, label: name },
      before: { role },
    });
    tx.afterCommit(() => services.bus.touchPerson(userId));
  }
}
