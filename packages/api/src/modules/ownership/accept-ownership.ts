import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { applyRoleChanges, readRosterPart } from "../members/index.ts";
import { assertWritable, lockOrganization } from "../organizations/index.ts";
import { decideAcceptance } from "./offer-policy.ts";
import { answerOffer, readOffer } from "./offers.ts";

/**
 * Makes the receiver an owner, and the giver what they chose to be. Locks the organization and looks again under the lock whether
 * the giver is still an owner and the receiver still a member. Accepting twice is accepting once.
 * @throws not_found (also for an offer to somebody else), offer_gone
 */
export async function acceptOwnership(
  services: Services,
  actor: OrganizationActor,
  input: { offerId: string },
): Promise<void> {
  await withOrganization(services.db, actor.organizationId, async (tx) => {
    assertWritable(await lockOrganization(tx));
    const offer = await readOffer(tx, input.offerId);
    const roster = await readRosterPart(tx, [offer.fromUserId, actor.userId]);
    const receiverRole = roster.find(actor.userId)?.role;
    if (offer.toUserId !== actor.userId || !receiverRole) throw new DomainError("not_found");
    if (offer.outcome === "accepted" && receiverRole === "owner") return;
    const giverRole = roster.find(offer.fromUserId)?.role;
    const decision = decideAcceptance(offer, { giverRole, receiverRole, now: services.clock.now() });
    if (!decision.ok) throw new DomainError(decision.reason);
    // Closed before the roles change: a change of role voids what is open.
    await answerOffer(tx, services, { offer, outcome: "accepted", actor });
    const outcomes = await applyRoleChanges(tx, services, {
      // The giver's offer gives the right to it; the deed is the receiver's.
      actor: { userId: offer.fromUserId },
      doneBy: actor,
      changes: [
        { userId: offer.toUserId, role: "owner" },
        { userId: offer.fromUserId, role: offer.giverBecomes },
      ],
    });
    const refused = outcomes.find(({ outcome }) => outcome === "refused");
    if (refused) throw new Error(`An accepted offer could not be carried out: ${JSON.stringify(refused)}`);
  });
}
