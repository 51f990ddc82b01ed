/** What a limit on a member's spending depends on. Amounts in micro-credits. */
export interface SpendingFacts {
  /** Null: no limit. Zero: no spending of the organization's credits at all (C10). */
  allowanceMicro: bigint | null;
  spentMicro: bigint;
}

/** May the member spend this much more this month? The database says it again, under the wallet's lock. */
export function isWithinAllowance({ allowanceMicro, spentMicro }: SpendingFacts, amountMicro: bigint): boolean {
  return allowanceMicro === null || amountMicro === 0n || spentMicro + amountMicro <= allowanceMicro;
}

/** What the member may still spend this month; null when there is no limit. Never below zero. */
export function remainingMicro({ allowanceMicro, spentMicro }: SpendingFacts): bigint | null {
  if (allowanceMicro === null) return null;
  return allowanceMicro > spentMicro ? allowanceMicro - spentMicro : 0n;
}

/** The first day of the calendar month in UTC, as a date: "2026-11-01". */
export function monthOf(now: Date): string {
  return `${now.toISOString().slice(0, 7)}-01`;
}
