import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { acceptOwnership } from "./accept-ownership.ts";
import { declineOwnership } from "./decline-ownership.ts";
import { offerOwnership } from "./offer-ownership.ts";
import { readOffersTo, readOpenOffer } from "./ownership.queries.ts";
import { revokeOwnership } from "./revoke-ownership.ts";

const offer = z.object({ offerId: z.uuid("This is not the id of an offer.") });

export const ownershipRouter = router({
  /** The open offer, for owners and for whom it is made; null otherwise. */
  current: organizationProcedure("organization.read").query(({ ctx }) =>
    readOpenOffer(ctx.services.db, ctx.actor, ctx.services.clock.now()),
  ),

  /** What is offered to the caller, in all organizations. */
  mine: signedInProcedure.query(({ ctx }) =>
    readOffersTo(ctx.services.db, ctx.signedIn.user.id, ctx.services.clock.now()),
  ),

  offer: organizationProcedure("ownership.offer")
    .input(
      z.object({
        userId: z.uuid("Choose a member."),
        giverBecomes: z.enum(["owner", "admin"], "Choose what you will be afterwards."),
      }),
    )
    .mutation(({ ctx, input: { userId, giverBecomes } }) =>
      offerOwnership(ctx.services, ctx.actor, { userId, giverBecomes }),
    ),

  revoke: organizationProcedure("ownership.offer")
    .input(offer)
    .mutation(({ ctx, input: { offerId } }) => revokeOwnership(ctx.services, ctx.actor, { offerId })),

  /** Only for whom the offer is made; to everybody else there is none. */
  accept: organizationProcedure("organization.read")
    .input(offer)
    .mutation(({ ctx, input: { offerId } }) => acceptOwnership(ctx.services, ctx.actor, { offerId })),

  decline: organizationProcedure("organization.read")
    .input(offer)
    .mutation(({ ctx, input: { offerId } }) => declineOwnership(ctx.services, ctx.actor, { offerId })),
});
