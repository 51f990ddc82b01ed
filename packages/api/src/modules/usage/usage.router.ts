import { z } from "zod";
import { instant } from "../../instant.ts";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, platformProcedure } from "../../trpc/procedures.ts";
import { idempotencyKey } from "../organizations/index.ts";
import { reason } from "../wallets/index.ts";
import { addPrice } from "./add-price.ts";
import { reverseUsage } from "./reverse-usage.ts";
import { listComingPrices, listPrices, listUsage } from "./usage.queries.ts";
import { modelName, pricePerMillion } from "./usage-input.ts";

const page = z.object({
  cursor: z.string().max(1_000).optional(),
  limit: z.int().min(1).max(100).default(50),
});

export const usageRouter = router({
  list: organizationProcedure("usage.read")
    .input(page)
    .query(({ ctx, input: { cursor, limit } }) =>
      listUsage(ctx.services.db, ctx.actor.organizationId, { cursor, limit }),
    ),

  prices: organizationProcedure("usage.read").query(({ ctx }) => listPrices(ctx.services.db, ctx.services.clock.now())),

  comingPrices: organizationProcedure("usage.read").query(({ ctx }) =>
    listComingPrices(ctx.services.db, ctx.services.clock.now()),
  ),

  addPrice: platformProcedure
    .input(
      z.object({
        model: modelName,
        inputMicroPerMillion: pricePerMillion,
        outputMicroPerMillion: pricePerMillion,
        effectiveFrom: instant.optional(),
      }),
    )
    .mutation(({ ctx, input: { effectiveFrom, ...price } }) =>
      addPrice(ctx.services, ctx.signedIn.user, {
        ...price,
        ...(effectiveFrom !== undefined && { effectiveFrom: new Date(effectiveFrom) }),
      }),
    ),

  reverse: organizationProcedure("wallet.adjust")
    .input(z.object({ usageId: z.uuid("This is not the id of a use."), reason, idempotencyKey }))
    .mutation(async ({ ctx, input: { organization: _, ...input } }) => {
      const { id, amountMicro, balanceMicro, sequence, replayed } = await reverseUsage(ctx.services, ctx.actor, input);
      return {
        ...{ id, amountMicro: String(amountMicro), balanceMicro: String(balanceMicro) },
        ...{ sequence: String(sequence), replayed },
      };
    }),
});
