import { roles } from "@guildhall/auth";
import { parseCredits } from "@guildhall/shared";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { limitSpending } from "./limit-spending.ts";
import { readPolicyOf, readWaysToSpend } from "./spend-policy.queries.ts";

/** Credits as typed; an empty field means no limit. */
function limit(least: bigint, message: string) {
  return z
    .string()
    .trim()
    .transform((text, issues) => {
      if (text === "") return null;
      const amountMicro = parseCredits(text);
      if (amountMicro !== undefined && amountMicro >= least) return amountMicro;
      issues.addIssue({ code: "custom", message });
      return z.NEVER;
    });
}

const spendPolicy = z.object({
  roles: z.array(z.enum(roles, "Choose among the roles.")).max(roles.length),
  teamsMaySpend: z.boolean(),
  perSpendLimit: limit(1n, "Enter an amount above zero like 2.5, or leave it empty for no limit."),
  teamMonthlyLimit: limit(0n, "Enter an amount like 1,000, 0 for no spending, or leave it empty for no limit."),
  /** Null: every model. */
  models: z
    .array(z.string().min(1).max(100))
    .min(1, "Choose at least one model, or allow all of them.")
    .max(200, "Choose at most 200 models, or allow all of them.")
    .nullable(),
});

export const spendPolicyRouter = router({
  get: organizationProcedure("spend_policy.read").query(({ ctx }) => readPolicyOf(ctx.services.db, ctx.actor)),

  set: organizationProcedure("spend_policy.change")
    .input(spendPolicy)
    .mutation(({ ctx, input: { roles, teamsMaySpend, perSpendLimit, teamMonthlyLimit, models } }) =>
      limitSpending(ctx.services, ctx.actor, {
        ...{ roles, teamsMaySpend, models },
        perSpendLimitMicro: perSpendLimit,
        teamMonthlyLimitMicro: teamMonthlyLimit,
      }),
    ),

  /** Whose credits the caller may spend, by which role or team, and if not, why not. */
  mine: signedInProcedure.query(({ ctx }) => readWaysToSpend(ctx.services.db, ctx.signedIn.user.id)),
});
