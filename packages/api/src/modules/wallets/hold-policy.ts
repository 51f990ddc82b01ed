import { DomainError } from "@guildhall/shared";

/** What decides whether a hold may be placed. Amounts in micro-credits. */
export interface HoldFacts {
  status: "active" | "inactive" | "archived" | "pending_deletion";
  amountMicro: bigint;
  toleranceMicro: bigint;
}

/**
 * Why a hold may not be placed; undefined when it may. Only active organizations reserve. The tolerance is at most the amount itself:
 * what a program cannot say to within a factor of two it has to reserve, not to hope for. (Card networks let merchants capture
 * 15 to 30 % more than they authorized; agents know their costs less well than restaurants know their tips.) It also bounds what a
 * hold in somebody's name counts as spent.
 */
export function findHoldRefusal({ status, amountMicro, toleranceMicro }: HoldFacts): DomainError | undefined {
  if (status !== "active") return new DomainError("organization_inactive", { status });
  if (toleranceMicro <= amountMicro) return undefined;
  const most = String(amountMicro);
  return new DomainError(
    "invalid_input",
    { toleranceMicro: `At most ${most}, the amount of the hold.`, mostMicro: most },
    `The tolerance can be at most the amount itself: ${most} micro-credits. Reserve more, with less tolerance; what is not used comes back.`,
  );
}
