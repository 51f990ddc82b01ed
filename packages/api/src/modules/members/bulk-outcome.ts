import { DomainError, type DomainErrorCode, domainErrors } from "@guildhall/shared";

/** How many people one call may be about: the organization is locked while it runs. */
export const MOST_AT_ONCE = 500;

/** What came of one person of a bulk change: done, nothing to do, or refused with the reason. */
export type BulkOutcome =
  | { userId: string; name: string; outcome: "done" | "unchanged" }
  | { userId: string; name: string; outcome: "refused"; code: DomainErrorCode; message: string };

/** A refusal as one line of the result. */
export function refusal(userId: string, name: string, code: DomainErrorCode): BulkOutcome {
  const message = code === "not_found" ? "This person is no member (any more)." : domainErrors[code].message;
  return { userId, name, outcome: "refused", code, message };
}

/** For a verb about one person: the refusal as it is for all verbs. @throws the refusal */
export function assertDone([outcome]: BulkOutcome[]): void {
  if (outcome?.outcome === "refused") throw new DomainError(outcome.code);
}

/** Each person once, the actor last: what somebody does to themselves must not decide about the others. */
export function actorLast<T extends { userId: string }>(items: readonly T[], actorId: string): T[] {
  const byPerson = [...new Map(items.map((item) => [item.userId, item])).values()];
  return [
    ...byPerson.filter(({ userId }) => userId !== actorId),
    ...byPerson.filter(({ userId }) => userId === actorId),
  ];
}
