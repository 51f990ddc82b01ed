import { type Role, rolesWith } from "@guildhall/auth";
import type { Tx } from "@guildhall/db";
import { members } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { Origin, Services, User } from "../../trpc/context.ts";

/** Who comes in, as what, and who let them in. */
export interface NewMember {
  user: Pick<User, "id" | "name" | "email">;
  role: Role;
  actorId: string;
  /** From where the call came, for the audit. */
  origin?: Origin | undefined;
}

/**
 * Puts a person into the transaction's organization. Call it under the organization's lock. Returns false, and changes
 * nothing, for somebody who is a member already. @throws not_found when the account was deleted meanwhile
 */
export async function addMember(tx: Tx, services: Services, member: NewMember): Promise<boolean> {
  const { user, role, actorId, origin } = member;
  const createdAt = services.clock.now();
  // Waits for a deletion of the account that is under way: it holds the person's row.
  const accounts = await tx.sql`SELECT 1 FROM users WHERE id = ${user.id} AND deleted_at IS NULL FOR KEY SHARE`;
  if (accounts.length === 0) throw new DomainError("not_found");
  const inserted = await tx.db
    .insert(members)
    .values({ organizationId: tx.organizationId, userId: user.id, role, createdAt })
    .onConflictDoNothing()
    .returning();
  if (inserted.length === 0) return false;
  announce(tx, services, {
    actorId,
    audience: rolesWith("members.read"),
    event: {
      type: "member.added",
      payload: { userId: user.id, name: user.name, email: user.email, role, joinedAt: createdAt.toISOString() },
    },
  });
  recordAudit(tx, services, {
    actor: { userId: actorId, origin },
    action: "member.added",
    subject: { kind: "member", id: user.id, label: user.name },
    after: { role },
  });
  tx.afterCommit(() => services.bus.touchPerson(user.id));
  return true;
}
