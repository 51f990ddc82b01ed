import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { signedInProcedure } from "../../trpc/procedures.ts";
import { listPersonalTransactions, readPersonalWallet } from "./personal-wallet.ts";

const page = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,18}$/, "This is not the cursor of a page.")
    .optional(),
  limit: z.int().min(1).max(100).default(50),
});

export const personalWalletRouter = router({
  summary: signedInProcedure.query(({ ctx }) => readPersonalWallet(ctx.services.db, ctx.signedIn.user.id)),

  transactions: signedInProcedure
    .input(page)
    .query(({ ctx, input }) => listPersonalTransactions(ctx.services.db, ctx.signedIn.user.id, input)),
});
