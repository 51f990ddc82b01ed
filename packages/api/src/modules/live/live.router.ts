import { followPerson } from "@guildhall/live";
import type { LiveFrame, PersonHint } from "@guildhall/live/events";
import { getTRPCErrorFromUnknown, type TrackedEnvelope, tracked } from "@trpc/server";
import { z } from "zod";
import type { Context } from "../../trpc/context.ts";
import { toTrpcError } from "../../trpc/error-mapping.ts";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { followAsMember } from "./follow-as-member.ts";

/** Ids are sequences; anything else that a client made up is answered by a reset, so only the length is bounded. */
const lastEventId = z.string().max(64).nullish();

type Call = { ctx: Context; path: string };

/**
 * Passes a stream on and gives its errors the form that errors of calls have: middleware is over when a stream begins.
 */
async function* reportingErrors<T>({ ctx, path }: Call, stream: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* stream;
  } catch (thrown) {
    const error = toTrpcError(getTRPCErrorFromUnknown(thrown));
    if (error.code === "INTERNAL_SERVER_ERROR") {
      ctx.services.log.error({ err: thrown, path, requestId: ctx.requestId }, "a live stream failed");
    }
    throw error;
  }
}

const never = new AbortController().signal;

export const liveRouter = router({
  /**
   * The organization's events for the caller's role, each under its sequence. Pages start from the `logSequence` that
   * they were rendered with; after a lost connection the client sends the last sequence that it saw.
   */
  organization: organizationProcedure("organization.read")
    .input(z.object({ lastEventId }))
    .subscription(async function* (call): AsyncGenerator<TrackedEnvelope<LiveFrame>, void, undefined> {
      const { ctx, input, signal = never } = call;
      const frames = followAsMember(ctx.services, ctx.actor, { lastEventId: input.lastEventId ?? null, signal });
      for await (const { id, frame } of reportingErrors(call, frames)) yield tracked(id, frame);
    }),

  /** Hints that the caller's list of organizations looks different: one at the start, then one after each change. */
  person: signedInProcedure.subscription(async function* (call): AsyncGenerator<PersonHint, void, undefined> {
    const { ctx, signal = never } = call;
    const hints = followPerson({ bus: ctx.services.bus, userId: ctx.signedIn.user.id, signal });
    for await (const _ of hints) yield { kind: "organizations_changed" };
  }),
});
