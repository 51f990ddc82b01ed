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
