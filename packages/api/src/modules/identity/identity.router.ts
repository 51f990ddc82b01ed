import { DomainError } from "@guildhall/shared";
import { router } from "../../trpc/init.ts";
import { publicProcedure } from "../../trpc/procedures.ts";
import { readCaller } from "./caller.ts";
import { signInInput, signUpInput } from "./credentials-input.ts";
import { signIn } from "./sign-in.ts";
import { signOut } from "./sign-out.ts";
import { signUp } from "./sign-up.ts";

/** Refused over a WebSocket before anything happens: it has no answer that could carry the cookie. */
const cookieProcedure = publicProcedure.use(({ ctx, next }) => {
  if (ctx.transport === "websocket") {
    throw new DomainError("forbidden", {}, "Signing in and out works over HTTP only.");
  }
  return next();
});

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
    const { user, session } = await signIn(ctx.services, input, await readCaller(ctx));
    ctx.cookie.set(session.token, session.absoluteExpiresAt);
    return { user };
  }),

  signOut: cookieProcedure.mutation(async ({ ctx }) => {
    const signedIn = await ctx.readSession();
    await signOut(ctx.services, signedIn?.session.id ?? null);
    ctx.cookie.clear();
    return { signedOut: true };
  }),
});
