import { LONGEST_EMAIL } from "@guildhall/auth";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { enterpriseProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { addEnterpriseAdmin } from "./add-enterprise-admin.ts";
import { createCreditType } from "./create-credit-type.ts";
import { readAdministered, readAdmins, readCreditTypes } from "./enterprises.queries.ts";
import { removeEnterpriseAdmin } from "./remove-enterprise-admin.ts";

const newCreditType = z.object({
  name: z.string().trim().min(1, "Give the credits a name.").max(40, "The name can have at most 40 characters."),
  currency: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{3}$/, "Give the currency's three letters, like EUR."),
  /** Micro-credits for one cent, as a decimal text. */
  microPerMinorUnit: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "Say how many millionths of a credit one cent buys: a whole number above zero.")
    .transform(BigInt),
});

const email = z
  .string()
  .trim()
  .max(LONGEST_EMAIL, `The e-mail can have at most ${LONGEST_EMAIL} characters.`)
  .pipe(z.email("Enter an e-mail like ada@example.com."));

export const enterprisesRouter = router({
  mine: signedInProcedure.query(({ ctx }) => readAdministered(ctx.services.db, ctx.signedIn.user.id)),

  creditTypes: enterpriseProcedure.query(({ ctx }) => readCreditTypes(ctx.services.db, ctx.enterprise.enterpriseId)),

  createCreditType: enterpriseProcedure
    .input(newCreditType)
    .mutation(({ ctx, input: { name, currency, microPerMinorUnit } }) =>
      createCreditType(ctx.services, ctx.enterprise, { name, currency, microPerMinorUnit }),
    ),

  admins: enterpriseProcedure.query(({ ctx }) => readAdmins(ctx.services.db, ctx.enterprise.enterpriseId)),

  addAdmin: enterpriseProcedure
    .input(z.object({ email }))
    .mutation(({ ctx, input }) => addEnterpriseAdmin(ctx.services, ctx.enterprise, { email: input.email })),

  removeAdmin: enterpriseProcedure
    .input(z.object({ userId: z.uuid("This is not the id of a person.") }))
    .mutation(({ ctx, input }) => removeEnterpriseAdmin(ctx.services, ctx.enterprise, { userId: input.userId })),
});
