import { followPerson } from "@guildhall/live";
import type { LiveFrame, PersonHint } from "@guildhall/live/events";
import { type TrackedEnvelope, tracked } from "@trpc/server";
import { z } from "zod";
import { router } from "../../trpc/init.ts";
import { organizationProcedure, signedInProcedure } from "../../trpc/procedures.ts";
import { followAsMember } from "./follow-as-member.ts";

/** Ids are sequences; anything else that a client made up is answered by a reset, so only the length is bounded. */
const lastEventId = z.string().max(64).nullish();

export const liveRouter = router({
  /**
   * The organization's events for the caller's role, each under its sequence. Pages start from the `logSequence` that
   * they were rendered with; after a lost connection the client sends the last sequence that it saw.
   */
  organization: organizationProcedure("organization.read")
    .input(z.object({ lastEventId }))
    .subscription(async function* ({
      ctx,
      input,
      signal,
    }): AsyncGenerator<TrackedEnvelope<LiveFrame>, void, undefined> {
      const options = { lastEventId: input.lastEventId ?? null, signal: signal ?? new AbortController().signal };
      for await (const { id, frame } of followAsMember(ctx.services, ctx.actor, options)) yield tracked(id, frame);
    }),

  /** Hints that the caller's list of organizations looks different: one at the start, then one after each change. */
  person: signedInProcedure.subscription(async function* ({
    ctx,
    signal,
  }): AsyncGenerator<PersonHint, void, undefined> {
    const userId = ctx.signedIn.user.id;
    const options = { bus: ctx.services.bus, userId, signal: signal ?? new AbortController().signal };
    for await (const _ of followPerson(options)) yield { kind: "organizations_changed" };
  }),
});
