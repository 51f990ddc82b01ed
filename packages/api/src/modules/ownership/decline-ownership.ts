import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganization } from "../organizations/index.ts";
import { answerOffer, readOffer } from "./offers.ts";

/**
 * The receiver does not want it. Locks the organization. Declining twice is declining once.
 * @throws not_found (also for an offer to somebody else), offer_gone
 */
export async function declineOwnership(
  services: Services,
  actor: OrganizationActor,
  input: { offerId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganization(tx);
    const offer = await readOffer(tx, input.offerId);
    if (offer.toUserId !== actor.userId) throw new DomainError("not_found");
    if (offer.outcome === "declined") return;
    if (offer.outcome !== null) throw new DomainError("offer_gone");
    await answerOffer(tx, services, { offer, outcome: "declined", actor });
  });
}
