import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { signedInProcedure } from "../../trpc/procedures.ts";
import { addPasskey } from "./add-passkey.ts";
import { addTotp } from "./add-totp.ts";
import { beginPasskey } from "./begin-passkey.ts";
import { beginTotp, readTotpSetup } from "./begin-totp.ts";
import { readFactors } from "./factors.queries.ts";
import { passkeyCreation, passkeyName } from "./passkey-input.ts";
import { removePasskey } from "./remove-passkey.ts";
import { removeTotp } from "./remove-totp.ts";
import { renamePasskey } from "./rename-passkey.ts";
import { renewRecoveryCodes } from "./renew-recovery-codes.ts";

const passkeyId = z.uuid("This is not the id of a passkey.");
const code = z.string().trim().min(1, "Enter the code that your app shows.").max(64, "A code is shorter than this.");

/** A person's own factors. */
export const secondFactorRouter = router({
  get: signedInProcedure.query(({ ctx }) => readFactors(ctx.services, ctx.signedIn)),

  beginTotp: signedInProcedure.mutation(({ ctx }) => beginTotp(ctx.services, ctx.signedIn)),

  totpSetup: signedInProcedure.query(({ ctx }) => readTotpSetup(ctx.services, ctx.signedIn)),

  addTotp: signedInProcedure
    .input(z.object({ code }))
    .mutation(({ ctx, input }) => addTotp(ctx.services, ctx.signedIn, input)),

  removeTotp: signedInProcedure.mutation(({ ctx }) => removeTotp(ctx.services, ctx.signedIn)),

  beginPasskey: signedInProcedure.mutation(({ ctx }) => beginPasskey(ctx.services, ctx.signedIn)),

  addPasskey: signedInProcedure
    .input(z.object({ name: passkeyName, response: passkeyCreation }))
    .mutation(({ ctx, input }) => addPasskey(ctx.services, ctx.signedIn, input)),

  renamePasskey: signedInProcedure
    .input(z.object({ passkeyId, name: passkeyName }))
    .mutation(({ ctx, input }) => renamePasskey(ctx.services, ctx.signedIn, input)),

  removePasskey: signedInProcedure
    .input(z.object({ passkeyId }))
    .mutation(({ ctx, input }) => removePasskey(ctx.services, ctx.signedIn, input)),

  renewRecoveryCodes: signedInProcedure.mutation(async ({ ctx }) => ({
    recoveryCodes: await renewRecoveryCodes(ctx.services, ctx.signedIn),
  })),
});
