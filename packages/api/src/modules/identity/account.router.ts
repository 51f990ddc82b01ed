import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { confirmedProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { readAccountDeletion } from "./account-deletion.queries.ts";
import { emailAddress } from "./credentials-input.ts";
import { deleteAccount } from "./delete-account.ts";

export const accountRouter = router({
  /** What deleting the account would end, and what stands in its way. */
  deletion: signedInProcedure.query(({ ctx }) => readAccountDeletion(ctx.services.db, ctx.signedIn.user.id)),

  /** Deletes the caller's account for good. */
  delete: confirmedProcedure
    .input(z.object({ email: emailAddress, password: z.string().min(1, "Enter your password.").max(1_000) }))
    .mutation(async ({ ctx, input }) => {
      await deleteAccount(ctx.services, ctx.signedIn.user, input);
      // A socket has no answer that could clear the cookie; what the cookie names is gone in either case.
      if (ctx.transport !== "websocket") ctx.cookie.clear();
    }),
});
