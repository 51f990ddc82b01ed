import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { lockOrganizationAs } from "../organizations/index.ts";
import { answerOffer, readOffer } from "./offers.ts";

/**
 * Takes an open offer back; any owner may, not only who made it. Locks the organization. Revoking twice is revoking once.
 * @throws not_found, forbidden, offer_gone
 */
export async function revokeOwnership(
  services: Services,
  actor: OrganizationActor,
  input: { offerId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    await lockOrganizationAs(tx, actor, "ownership.offer");
    const offer = await readOffer(tx, input.offerId);
    if (offer.outcome === "revoked") return;
    if (offer.outcome !== null) throw new DomainError("offer_gone");
    await answerOffer(tx, services, { offer, outcome: "revoked", actor });
  });
}
