import { parseCredits } from "@guildhall/shared";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure } from "../../trpc/procedures.ts";
import { readAllowance } from "./allowances.queries.ts";
import { setAllowance } from "./set-allowance.ts";

/** Credits as typed; an empty field means no limit. */
const allowance = z
  .string()
  .trim()
  .transform((text, issues) => {
    if (text === "") return null;
    const amountMicro = parseCredits(text);
    if (amountMicro !== undefined && amountMicro >= 0n) return amountMicro;
    const message = "Enter an amount like 1,000, 0 for no spending, or leave it empty for no limit.";
    issues.addIssue({ code: "custom", message });
    return z.NEVER;
  });

export const allowancesRouter = router({
  /** The caller's own allowance in this organization. */
  mine: organizationProcedure("wallet.read").query(({ ctx }) =>
    readAllowance(ctx.services.db, ctx.actor, ctx.services.clock.now()),
  ),

  set: organizationProcedure("wallet.adjust")
    .input(z.object({ allowance }))
    .mutation(({ ctx, input }) => setAllowance(ctx.services, ctx.actor, { allowanceMicro: input.allowance })),
});
