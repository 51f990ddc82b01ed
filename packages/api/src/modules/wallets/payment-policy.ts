import { type CreditRate, creditsFor, formatMoney } from "@guildhall/shared";

/** What was paid for credits. */
export interface Payment {
  /** In minor units of the currency (cents). */
  minor: bigint;
  /** "EUR" */
  currency: string;
}

/** What the credits of a wallet cost. */
export interface CreditPrice extends CreditRate {
  creditTypeId: string;
  currency: string;
}

type Purchase = { ok: true; amountMicro: bigint; price: CreditPrice } | { ok: false; message: string };

/**
 * How many micro-credits a payment buys in a wallet that takes `mostMicro` at once: exactly so many, or a reason why none and what to
 * do. Whole minor units times a whole rate, so nothing is ever rounded.
 */
export function decidePurchase(
  price: CreditPrice | undefined,
  { minor, currency }: Payment,
  { mostMicro }: { mostMicro: bigint },
): Purchase {
  if (!price) return refuse("This wallet's credits have no price. Enter the amount in credits instead.");
  if (price.currency !== currency)
    return refuse(
      `This wallet's credits are sold in ${price.currency}, not ${currency}. Enter what was paid in ${price.currency}.`,
    );
  if (minor <= 0n) return refuse("Enter an amount above zero.");
  const amountMicro = creditsFor(price, minor);
  if (amountMicro <= mostMicro) return { ok: true, amountMicro, price };
  const most = formatMoney(mostMicro / price.microPerMinorUnit, currency);
  return refuse(`That buys more than a billion credits, the most that is added at once. Enter at most ${most}.`);
}

function refuse(message: string): Purchase {
  return { ok: false, message };
}
