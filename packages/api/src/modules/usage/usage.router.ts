import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure } from "../../trpc/procedures.ts";
import { listPrices, listUsage } from "./usage.queries.ts";

const page = z.object({
  cursor: z.string().max(60).optional(),
  limit: z.int().min(1).max(100).default(50),
});

export const usageRouter = router({
  list: organizationProcedure("usage.read")
    .input(page)
    .query(({ ctx, input: { cursor, limit } }) =>
      listUsage(ctx.services.db, ctx.actor.organizationId, { cursor, limit }),
    ),

  prices: organizationProcedure("usage.read").query(({ ctx }) => listPrices(ctx.services.db, ctx.services.clock.now())),
});
