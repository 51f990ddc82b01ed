import { type Followed, followOrganization } from "@guildhall/live";
import type { LiveFrame } from "@guildhall/live/events";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { admit } from "./audience-policy.ts";
import { readStanding } from "./live.queries.ts";

export interface FollowAsMember {
  /** The last sequence that the page has seen, as it came over the wire; null = begin at the head. */
  lastEventId: string | null;
  signal: AbortSignal;
}

export interface DeliveredFrame {
  id: string;
  frame: LiveFrame;
}

/**
 * Follows an organization's log as one of its members: what their role may see, in order, resumed after `lastEventId`.
 * Ends after the member's own removal, or when the signal is aborted. An id that is not of this log leads to a reset.
 * @throws DomainError not_found when the person is no member (any more).
 */
export async function* followAsMember(
  services: Services,
  { organizationId, userId }: Pick<OrganizationActor, "organizationId" | "userId">,
  { lastEventId, signal }: FollowAsMember,
): AsyncGenerator<DeliveredFrame, void, undefined> {
  const { db, bus } = services;
  let standing = await readStanding(db, { organizationId, userId });
  if (!standing) throw new DomainError("not_found");
  const after = lastEventId === null ? standing.asOf : sequenceOf(lastEventId);
  for await (const followed of followOrganization({ db, bus, organizationId, after, signal })) {
    if (followed.kind === "reset") {
      // What was skipped may have changed the role, or ended the membership.
      standing = await readStanding(db, { organizationId, userId });
      if (!standing) throw new DomainError("not_found");
      yield { id: String(followed.sequence), frame: resetFrame(services.clock.now()) };
      continue;
    }
    const admission = admit(standing, { ...followed.logged.event, ...followed.logged });
    standing = admission.standing;
    if (admission.isDelivered) yield { id: String(followed.logged.sequence), frame: frameOf(followed) };
    if (admission.isLast) return;
  }
}

/** A text that is no sequence stands for one that no log has reached, which is answered by a reset. */
function sequenceOf(lastEventId: string): bigint {
  return /^\d{1,18}$/.test(lastEventId) ? BigInt(lastEventId) : 10n ** 18n;
}

function resetFrame(now: Date): LiveFrame {
  return { type: "reset", payload: {}, at: now.toISOString() };
}

/** One frame per event, shared by everybody who follows, so that the gateway turns it into text once. */
const frames = new WeakMap<object, LiveFrame>();

function frameOf({ logged }: Extract<Followed, { kind: "event" }>): LiveFrame {
  const known = frames.get(logged);
  if (known) return known;
  const frame = { ...logged.event, at: logged.at.toISOString() };
  frames.set(logged, frame);
  return frame;
}
