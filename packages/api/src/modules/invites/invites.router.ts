import { roles } from "@guildhall/auth";
import { z } from "zod";
import { originOf } from "../../trpc/context.ts";
import { router } from "../../trpc/init.ts";
import { cookieProcedure, organizationProcedure, publicProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { chosenPassword, emailAddress, personName, readCaller } from "../identity/index.ts";
import { idempotencyKey } from "../organizations/index.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { declineInvite } from "./decline-invite.ts";
import { INVITE_LIST_LENGTH } from "./invite-list.ts";
import { inviteStates } from "./invite-policy.ts";
import { listInvites, previewInvite, readInviteMeans } from "./invites.queries.ts";
import { acceptReceivedInvite, declineReceivedInvite, readReceivedInvites } from "./received-invites.ts";
import { resendInvite } from "./resend-invite.ts";
import { revokeInvite } from "./revoke-invite.ts";
import { checkInviteList, sendInviteList } from "./send-invite-list.ts";
import { signUpByInvite } from "./sign-up-by-invite.ts";

const byToken = z.object({ token: z.string().min(1).max(200) });
const inviteId = z.uuid("This is not the id of an invite.");
const one = z.object({ inviteId });
const role = z.enum(roles, "Choose one of the roles.");
const received = z.object({ organizationId: z.uuid("This is not the id of an organization."), inviteId });
const list = z.object({
  /** Addresses with or without roles, as pasted or from a CSV file. */
  list: z
    .string()
    .min(1, "Paste addresses, or choose a file.")
    .max(INVITE_LIST_LENGTH, `The list can have at most ${INVITE_LIST_LENGTH.toLocaleString("en-US")} characters.`),
  /** For lines that name no role. */
  role,
});

export const invitesRouter = router({
  list: organizationProcedure("invites.manage")
    .input(
      z.object({
        states: z.array(z.enum(inviteStates)).min(1).max(inviteStates.length).optional(),
        search: z.string().trim().max(100).optional(),
        cursor: inviteId.optional(),
      }),
    )
    .query(({ ctx, input: { states, search, cursor } }) =>
      listInvites(ctx.services, ctx.actor, { states, search, cursor }),
    ),

  means: organizationProcedure("invites.manage").query(({ ctx }) => readInviteMeans(ctx.services, ctx.actor)),

  create: organizationProcedure("invites.manage")
    .input(z.object({ email: emailAddress, role }))
    .mutation(({ ctx, input: { email, role } }) => createInvite(ctx.services, ctx.actor, { email, role })),

  /** What each line of a list would become. Sends nothing. */
  checkList: organizationProcedure("invites.manage")
    .input(list)
    .query(({ ctx, input }) => checkInviteList(ctx.services, ctx.actor, input)),

  sendList: organizationProcedure("invites.manage")
    .input(list.extend({ idempotencyKey }))
    .mutation(({ ctx, input }) => sendInviteList(ctx.services, ctx.actor, input)),

  resend: organizationProcedure("invites.manage")
    .input(one)
    .mutation(({ ctx, input: { inviteId } }) => resendInvite(ctx.services, ctx.actor, { inviteId })),

  revoke: organizationProcedure("invites.manage")
    .input(one)
    .mutation(({ ctx, input: { inviteId } }) => revokeInvite(ctx.services, ctx.actor, { inviteId })),

  preview: publicProcedure.input(byToken).query(async ({ ctx, input }) => {
    const signedIn = await ctx.readSession();
    return previewInvite(ctx.services, signedIn?.user ?? null, input);
  }),

  signUp: cookieProcedure
    .input(byToken.extend({ name: personName, password: chosenPassword }))
    .mutation(async ({ ctx, input }) => {
      const caller = { ...(await readCaller(ctx)), origin: originOf(ctx) };
      const { session, user, slug } = await signUpByInvite(ctx.services, input, caller);
      ctx.cookie.set(session.token, session.absoluteExpiresAt);
      return { user, slug };
    }),

  accept: signedInProcedure
    .input(byToken)
    .mutation(({ ctx, input }) => acceptInvite(ctx.services, ctx.signedIn.user, input)),

  decline: signedInProcedure
    .input(byToken)
    .mutation(({ ctx, input }) => declineInvite(ctx.services, ctx.signedIn.user, input)),

  /** What the caller's verified address is invited to. */
  received: signedInProcedure.query(({ ctx }) =>
    readReceivedInvites(ctx.services.db, ctx.signedIn.user.id, ctx.services.clock.now()),
  ),

  acceptReceived: signedInProcedure
    .input(received)
    .mutation(({ ctx, input }) => acceptReceivedInvite(ctx.services, ctx.signedIn.user, input)),

  declineReceived: signedInProcedure
    .input(received)
    .mutation(({ ctx, input }) => declineReceivedInvite(ctx.services, ctx.signedIn.user, input)),
});
