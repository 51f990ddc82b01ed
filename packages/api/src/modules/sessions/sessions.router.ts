import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { signedInProcedure } from "../../trpc/procedures.ts";
import { endOtherSessions, endSession } from "./end-session.ts";

/** The devices on which a person is signed in. */
export const sessionsRouter = router({
  list: signedInProcedure.query(async ({ ctx }) => {
    const { user, session } = ctx.signedIn;
    const sessions = await ctx.services.sessions.list(user.id);
    return sessions.map(({ id, createdAt, lastUsedAt, ...seen }) => ({
      ...seen,
      sessionId: id,
      isThisDevice: id === session.id,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
    }));
  }),

  end: signedInProcedure
    .input(z.object({ sessionId: z.string().regex(/^[0-9a-f]{64}$/, "This is not the id of a device.") }))
    .mutation(({ ctx, input }) => endSession(ctx.services, ctx.signedIn, input)),

  endOthers: signedInProcedure.mutation(async ({ ctx }) => ({
    count: await endOtherSessions(ctx.services, ctx.signedIn),
  })),
});
