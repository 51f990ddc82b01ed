import { router } from "../../trpc/init.ts";
import { cookieProcedure, publicProcedure } from "../../trpc/procedures.ts";
import { readCaller } from "./caller.ts";
import { signInInput, signUpInput } from "./credentials-input.ts";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { signUp } from "./sign-up.ts";

export const identityRouter = router({
  /** Who is signed in; null for nobody. */
  me: publicProcedure.query(async ({ ctx }) => {
    const signedIn = await ctx.readSession();
    return signedIn && { user: signedIn.user };
  }),

  signUp: cookieProcedure.input(signUpInput).mutation(async ({ ctx, input }) => {
    const { user, session } = await signUp(ctx.services, input, await readCaller(ctx));
    ctx.cookie.set(session.token, session.absoluteExpiresAt);
    return { user };
  }),

  signIn: cookieProcedure.input(signInInput).mutation(async ({ ctx, input }) => {
    const { entry, pending } = await signIn(ctx.services, input, await readCaller(ctx));
    if (pending) {
      ctx.signInCookie.set(pending.token, pending.expiresAt);
      return { user: null, needsSecondFactor: true };
    }
    ctx.cookie.set(entry.session.token, entry.session.absoluteExpiresAt);
    return { user: entry.user, needsSecondFactor: false };
  }),

  signOut: cookieProcedure.mutation(async ({ ctx }) => {
    await signOut(ctx.services, await ctx.readSession());
    ctx.cookie.clear();
    return { signedOut: true };
  }),
});
