import type { Tx } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { type Invite, readInvite } from "./find-invite.ts";
import { decideInvite } from "./invite-policy.ts";

/**
 * Reads an invite for somebody who may send it and take it back: whoever could give its role, now. Call it under the
 * organization's lock. Whoever may not invite at all does not learn whether there is such an invite.
 * @throws not_found, forbidden, role_above_own
 */
export async function readInviteAs(tx: Tx, actor: OrganizationActor, inviteId: string): Promise<Invite> {
  const role = await readRole(tx, actor.userId);
  assertDecision(decideInvite(role, "member"));
  const invite = await readInvite(tx, inviteId);
  assertDecision(decideInvite(role, invite.role));
  return invite;
}

function assertDecision(decision: ReturnType<typeof decideInvite>): void {
  if (!decision.ok) throw new DomainError(decision.reason);
}
