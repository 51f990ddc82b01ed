import type { OrganizationActor, Services } from "../../../trpc/context.ts";
import type { LoggedFrame } from "../delivered-frame.ts";
import type { FollowAsMember } from "../follow-as-member.ts";
import { createLiveHub, type LiveHub } from "../live-hub.ts";

const hubs = new WeakMap<Services, LiveHub>();

/** Follows like followAsMember, by a seat in a hub, so that the same tests can be held against both. */
export async function* followByHub(
  services: Services,
  { organizationId, userId }: Pick<OrganizationActor, "organizationId" | "userId">,
  { lastEventId, signal }: FollowAsMember,
): AsyncGenerator<LoggedFrame, void, undefined> {
  const hub = hubs.get(services) ?? createLiveHub(services);
  hubs.set(services, hub);
  const waiting: LoggedFrame[] = [];
  let news = Promise.withResolvers<void>();
  let over: { failure?: unknown } | undefined;
  const seat = hub.join(
    { kind: "organization", organizationId, userId, lastEventId },
    {
      deliver(frames) {
        waiting.push(...(frames as LoggedFrame[]));
        news.resolve();
      },
      drained: () => undefined,
      end(failure) {
        over = { failure };
        news.resolve();
      },
    },
  );
  signal.addEventListener("abort", () => news.resolve());
  try {
    while (!signal.aborted) {
      for (let next = waiting.shift(); next; next = waiting.shift()) yield next;
      if (over?.failure !== undefined) throw over.failure;
      if (over) return;
      await news.promise;
      news = Promise.withResolvers();
    }
  } finally {
    seat.leave();
  }
}
