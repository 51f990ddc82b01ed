import { PASSWORD_LENGTH } from "@guildhall/auth";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { confirmedCookieProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { passkeyAssertion } from "../second-factor/index.ts";
import { changePassword } from "./change-password.ts";
import { askConfirmationPasskey, confirmByCode, confirmByPasskey, confirmByPassword } from "./confirm-identity.ts";
import { chosenPassword } from "./credentials-input.ts";

const ownPassword = z
  .string()
  .min(1, "Enter your password.")
  .max(PASSWORD_LENGTH.max, `The password can have at most ${PASSWORD_LENGTH.max} characters.`);
const code = z.string().trim().min(1, "Enter a code.").max(64, "A code is shorter than this.");

/** A person's password, and proving again that it is them. */
export const securityRouter = router({
  changePassword: confirmedCookieProcedure
    .input(z.object({ password: ownPassword, newPassword: chosenPassword }))
    .mutation(async ({ ctx, input }) => {
      const session = await changePassword(ctx.services, ctx.signedIn, input);
      ctx.cookie.set(session.token, session.absoluteExpiresAt);
    }),

  confirmByPassword: signedInProcedure
    .input(z.object({ password: ownPassword }))
    .mutation(({ ctx, input }) => confirmByPassword(ctx.services, ctx.signedIn, input)),

  confirmByCode: signedInProcedure
    .input(z.object({ code }))
    .mutation(({ ctx, input }) => confirmByCode(ctx.services, ctx.signedIn, input)),

  askPasskey: signedInProcedure.mutation(({ ctx }) => askConfirmationPasskey(ctx.services, ctx.signedIn)),

  confirmByPasskey: signedInProcedure
    .input(z.object({ response: passkeyAssertion }))
    .mutation(({ ctx, input }) => confirmByPasskey(ctx.services, ctx.signedIn, input.response)),
});
