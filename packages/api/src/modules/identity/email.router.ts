import { z } from "zod";
import { originOf } from "../../trpc/context.ts";
import { router } from "../../trpc/init.ts";
import { confirmedProcedure, cookieProcedure, publicProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { confirmEmailChange } from "./confirm-email-change.ts";
import { chosenPassword, emailAddress } from "./credentials-input.ts";
import { readEmailStatus } from "./email.queries.ts";
import { readMailReader } from "./mail-reader.ts";
import { cancelEmailChange, requestEmailChange } from "./request-email-change.ts";
import { requestPasswordReset } from "./request-password-reset.ts";
import { readPasswordReset, resetPassword } from "./reset-password.ts";
import { sendVerification } from "./send-verification.ts";
import { verifyEmail } from "./verify-email.ts";

const mailedToken = z.object({ token: z.string().max(100) });
const currentPassword = z.string().min(1, "Enter your password.").max(200);

/** What goes by mail: proving an address, changing it, and setting a forgotten password. Links are read here, never used up by reading. */
export const emailRouter = router({
  /** Whether this portal sends mail at all: pages say so where it does not (S2.12). */
  delivery: publicProcedure.query(({ ctx }) => ({ delivery: ctx.services.mailDelivery })),

  /** The caller's address: proved or not, and the one they are changing to. */
  status: signedInProcedure.query(({ ctx }) => readEmailStatus(ctx.services, ctx.signedIn.user.id)),

  sendVerification: signedInProcedure.mutation(({ ctx }) => sendVerification(ctx.services, ctx.signedIn.user)),

  verify: publicProcedure
    .input(mailedToken)
    .mutation(async ({ ctx, input }) => verifyEmail(ctx.services, input, await readMailReader(ctx))),

  requestPasswordReset: publicProcedure.input(z.object({ email: emailAddress })).mutation(async ({ ctx, input }) => {
    await requestPasswordReset(ctx.services, input, ctx);
    return { requested: true };
  }),

  passwordReset: publicProcedure.input(mailedToken).query(({ ctx, input }) => readPasswordReset(ctx.services, input)),

  resetPassword: cookieProcedure
    .input(mailedToken.extend({ password: chosenPassword }))
    .mutation(async ({ ctx, input }) => {
      const { email } = await resetPassword(ctx.services, input, originOf(ctx));
      ctx.cookie.clear(); // The session that this browser may have had is among those that ended.
      return { email };
    }),

  requestChange: confirmedProcedure
    .input(z.object({ email: emailAddress, password: currentPassword }))
    .mutation(async ({ ctx, input }) => {
      await requestEmailChange(ctx.services, { ...ctx.signedIn.user, origin: originOf(ctx) }, input);
      return { requested: true };
    }),

  cancelChange: signedInProcedure.mutation(async ({ ctx }) => {
    await cancelEmailChange(ctx.services, ctx.signedIn.user);
    return { cancelled: true };
  }),

  confirmChange: publicProcedure
    .input(mailedToken)
    .mutation(async ({ ctx, input }) => confirmEmailChange(ctx.services, input, await readMailReader(ctx))),
});
