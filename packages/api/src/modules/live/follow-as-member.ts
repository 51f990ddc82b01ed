import { followOrganization } from "@guildhall/live";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { admit } from "./audience-policy.ts";
import { frameOf, type LoggedFrame, resetFrame, sequenceOf } from "./delivered-frame.ts";
import { isBeforeJoining, readStanding } from "./live.queries.ts";

export interface FollowAsMember {
  /** The last sequence that the page has seen, as it came over the wire; null = begin at the head. */
  lastEventId: string | null;
  signal: AbortSignal;
}

/**
 * Follows an organization's log as one of its members: what their role may see, in order, resumed after `lastEventId`.
 * Ends after the member's own removal, or when the signal is aborted. An id that is not of this log leads to a reset.
 * For few followers: where there may be many, join a LiveHub, which delivers the same.
 * @throws DomainError not_found when the person is no member (any more).
 */
export async function* followAsMember(
  services: Services,
  { organizationId, userId }: Pick<OrganizationActor, "organizationId" | "userId">,
  { lastEventId, signal }: FollowAsMember,
): AsyncGenerator<LoggedFrame, void, undefined> {
  const { db, bus } = services;
  let standing = await readStanding(db, { organizationId, userId });
  if (!standing) throw new DomainError("not_found");
  let after = lastEventId === null ? standing.asOf : sequenceOf(lastEventId);
  if (after < standing.asOf && (await isBeforeJoining(db, { organizationId, userId }, after))) {
    after = standing.asOf;
    yield resetFrame(after, services.clock.now());
  }
  for await (const followed of followOrganization({ db, bus, organizationId, after, signal })) {
    if (followed.kind === "reset") {
      // What was skipped may have changed the role, or ended the membership.
      standing = await readStanding(db, { organizationId, userId });
      if (!standing) throw new DomainError("not_found");
      yield resetFrame(followed.sequence, services.clock.now());
      continue;
    }
    const admission = admit(standing, { ...followed.logged.event, ...followed.logged });
    standing = admission.standing;
    if (admission.isDelivered) yield frameOf(followed.logged);
    if (admission.isLast) return;
  }
}
