import { roles } from "@guildhall/auth";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, publicProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { emailAddress } from "../identity/index.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { previewInvite, readOpenInvites } from "./invites.queries.ts";
import { revokeInvite } from "./revoke-invite.ts";

const token = z.object({ token: z.string().min(1).max(200) });

export const invitesRouter = router({
  list: organizationProcedure("invites.manage").query(({ ctx }) => readOpenInvites(ctx.services.db, ctx.actor)),

  create: organizationProcedure("invites.manage")
    .input(z.object({ email: emailAddress, role: z.enum(roles, "Choose one of the roles.") }))
    .mutation(({ ctx, input: { email, role } }) => createInvite(ctx.services, ctx.actor, { email, role })),

  revoke: organizationProcedure("invites.manage")
    .input(z.object({ inviteId: z.uuid("This is not the id of an invite.") }))
    .mutation(({ ctx, input: { inviteId } }) => revokeInvite(ctx.services, ctx.actor, { inviteId })),

  preview: publicProcedure.input(token).query(async ({ ctx, input }) => {
    const signedIn = await ctx.readSession();
    return previewInvite(ctx.services, signedIn?.user ?? null, input.token);
  }),

  accept: signedInProcedure
    .input(token)
    .mutation(({ ctx, input }) => acceptInvite(ctx.services, ctx.signedIn.user, input)),
});
