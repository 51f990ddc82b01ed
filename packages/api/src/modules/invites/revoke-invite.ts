import { rolesWith } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { invites } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { announce } from "../../announce.ts";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "../organizations/index.ts";
import { isInvite } from "./accept-invite.ts";

/** Takes an invite back: its link dies. Revoking twice is the same as once. @throws not_found, invite_gone (accepted) */
export async function revokeInvite(
  services: Services,
  actor: OrganizationActor,
  input: { inviteId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganizationAs(tx, actor, "invites.manage");
    const [invite] = await tx.db.select().from(invites).where(isInvite(tx, input.inviteId));
    if (!invite) throw new DomainError("not_found");
    if (invite.acceptedAt) throw new DomainError("invite_gone", {}, "This invite was accepted already.");
    if (invite.revokedAt) return;
    await tx.db.update(invites).set({ revokedAt: services.clock.now() }).where(isInvite(tx, input.inviteId));
    announce(tx, services, {
      actorId: actor.userId,
      audience: rolesWith("invites.manage"),
      event: { type: "invite.revoked", payload: { inviteId: input.inviteId } },
    });
  });
}
