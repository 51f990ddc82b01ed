import { formatExactCredits, MICRO_PER_CREDIT } from "./credits.ts";
import { decimalsOf, formatMoney } from "./money.ts";

/** What credits of a kind cost. */
export interface CreditRate {
  /** Micro-credits for one minor unit of the currency (a cent); an integer above zero. */
  microPerMinorUnit: bigint;
}

/** What a payment buys, in micro-credits. Exact: integers times integers, nothing is rounded. */
export function creditsFor(rate: CreditRate, amountMinor: bigint): bigint {
  return amountMinor * rate.microPerMinorUnit;
}

/**
 * What so many micro-credits cost in minor units, or undefined when no whole number of them buys exactly that: then the
 * amount cannot be sold, instead of being sold for nearly its price.
 */
export function priceOf(rate: CreditRate, amountMicro: bigint): bigint | undefined {
  return amountMicro % rate.microPerMinorUnit === 0n ? amountMicro / rate.microPerMinorUnit : undefined;
}

/** A price in words, exactly: "1 credit costs 0.01 EUR", or what one unit of the currency buys if no whole number of cents is that. */
export function priceText({ microPerMinorUnit, currency }: CreditRate & { currency: string }): string {
  const costs = priceOf({ microPerMinorUnit }, MICRO_PER_CREDIT);
  if (costs !== undefined) return `1 credit costs ${formatMoney(costs, currency)}`;
  const unit = 10n ** BigInt(decimalsOf(currency));
  return `${formatMoney(unit, currency)} buys ${formatExactCredits(creditsFor({ microPerMinorUnit }, unit))} credits`;
}
