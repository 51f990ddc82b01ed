import { z } from "zod";
import type { Context } from "../../trpc/context.ts";
import { router } from "../../trpc/init.ts";
import { cookieProcedure, publicProcedure } from "../../trpc/procedures.ts";
import { passkeyAssertion } from "../second-factor/index.ts";
import { readCaller } from "./caller.ts";
import {
  askSecondStepPasskey,
  beginPasskeySignIn,
  finishByCode,
  finishByPasskey,
  readSecondStep,
} from "./finish-sign-in.ts";
import type { Entry } from "./start-session.ts";

const code = z.string().trim().min(1, "Enter a code.").max(64, "A code is shorter than this.");

async function stepOf(ctx: Context) {
  return { token: ctx.signInCookie.read(), caller: await readCaller(ctx) };
}

function letIn(ctx: Context, { user, session }: Entry) {
  ctx.cookie.set(session.token, session.absoluteExpiresAt);
  ctx.signInCookie.clear();
  return { user };
}

/** The rest of a sign-in that takes a factor, and signing in by passkey alone. */
export const secondStepRouter = router({
  /** How this browser's sign-in can go on; null when none is pending. */
  get: publicProcedure.query(({ ctx }) => readSecondStep(ctx.services, ctx.signInCookie.read())),

  finishByCode: cookieProcedure
    .input(z.object({ code }))
    .mutation(async ({ ctx, input }) => letIn(ctx, await finishByCode(ctx.services, await stepOf(ctx), input.code))),

  askPasskey: cookieProcedure.mutation(({ ctx }) => askSecondStepPasskey(ctx.services, ctx.signInCookie.read())),

  /** Begins a sign-in by passkey alone. */
  beginPasskey: cookieProcedure.mutation(async ({ ctx }) => {
    const { pending, options } = await beginPasskeySignIn(ctx.services, ctx);
    ctx.signInCookie.set(pending.token, pending.expiresAt);
    return options;
  }),

  finishByPasskey: cookieProcedure
    .input(z.object({ response: passkeyAssertion }))
    .mutation(async ({ ctx, input }) =>
      letIn(ctx, await finishByPasskey(ctx.services, await stepOf(ctx), input.response)),
    ),
});
