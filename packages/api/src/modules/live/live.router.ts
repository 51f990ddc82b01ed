import { followPerson } from "@guildhall/live";
import type { LiveFrame, PersonHint } from "@guildhall/live/events";
import { type TrackedEnvelope, tracked } from "@trpc/server";
import { z } from "zod";
import type { Context } from "../../trpc/context.ts";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { reportStreamError } from "../../trpc/stream-error.ts";
import { followAsMember } from "./follow-as-member.ts";
import { LiveStream } from "./live-stream.ts";

/** Ids are sequences; anything else that a client made up is answered by a reset, so only the length is bounded. */
const lastEventId = z.string().max(64).nullish();

async function* reportingErrors<T>(
  call: { ctx: Context; path: string },
  stream: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* stream;
  } catch (thrown) {
    throw reportStreamError(call, thrown);
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
    .subscription((call): LiveStream<TrackedEnvelope<LiveFrame>> => {
      const { ctx, input, signal = never } = call;
      const { organizationId, userId } = ctx.actor;
      const after = { lastEventId: input.lastEventId ?? null };
      return new LiveStream({ kind: "organization", organizationId, userId, ...after }, async function* () {
        const frames = followAsMember(ctx.services, ctx.actor, { ...after, signal });
        for await (const { id, frame } of reportingErrors(call, frames)) yield tracked(id, frame);
      });
    }),

  /** Hints that the caller's list of organizations looks different: one at the start, then one after each change. */
  person: signedInProcedure.subscription(({ ctx, signal = never }): LiveStream<PersonHint> => {
    const { id: userId } = ctx.signedIn.user;
    return new LiveStream({ kind: "person", userId }, async function* () {
      const hints = followPerson({ bus: ctx.services.bus, userId, signal });
      for await (const _ of hints) yield { kind: "organizations_changed" };
    });
  }),
});
