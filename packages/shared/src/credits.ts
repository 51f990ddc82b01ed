/** Money is counted in integers of a millionth of a credit (C9). */
export const MICRO_PER_CREDIT = 1_000_000n;

const SHOWN_DECIMALS = 3;
const CREDITS = /^([+-])?(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d+))?$/;
/** Largest amount one input may name, in credits: keeps every sum of inputs far inside a signed 64-bit integer. */
const MAX_CREDITS = 1_000_000_000n;

type Micro = bigint | string;

/**
 * Formats an amount in micro-credits as credits: thousands separators, at most three decimals, no trailing zeros (C9).
 * Digits beyond the third are cut, never rounded up: the page must not show more than there is.
 */
export function formatCredits(amountMicro: Micro): string {
  return format(amountMicro, SHOWN_DECIMALS);
}

/** Like formatCredits, with every decimal that there is: for what somebody is about to pay for. */
export function formatExactCredits(amountMicro: Micro): string {
  return format(amountMicro, 6);
}

function format(amountMicro: Micro, decimals: number): string {
  const amount = BigInt(amountMicro);
  const digits = absolute(amount).toString().padStart(7, "0");
  const whole = digits.slice(0, -6).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(-6, digits.length - 6 + decimals).replace(/0+$/, "");
  const shown = fraction === "" ? whole : `${whole}.${fraction}`;
  return amount < 0n && shown !== "0" ? `−${shown}` : shown;
}

/** Like formatCredits, with the sign always shown, as ledgers do: "+1,000", "−0.047". Uses the true minus sign. */
export function formatSignedCredits(amountMicro: Micro): string {
  const shown = formatCredits(amountMicro);
  return BigInt(amountMicro) > 0n ? `+${shown}` : shown;
}

/**
 * Reads what a person typed ("1,000.5") into micro-credits. Returns undefined when the text is no amount, has more than six
 * decimals, or is beyond a billion credits: nothing is rounded silently.
 */
export function parseCredits(text: string): bigint | undefined {
  const match = CREDITS.exec(text.trim().replace("−", "-"));
  if (!match) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  if ((whole === "" && fraction === "") || fraction.length > 6) return undefined;
  const amount = BigInt(whole.replaceAll(",", "") || "0") * MICRO_PER_CREDIT + BigInt(fraction.padEnd(6, "0"));
  if (amount > MAX_CREDITS * MICRO_PER_CREDIT) return undefined;
  return sign === "-" ? -amount : amount;
}

/** Adds amounts that travel as decimal strings of micro-credits. */
export function addCredits(...amountsMicro: Micro[]): string {
  return amountsMicro.reduce<bigint>((sum, amount) => sum + BigInt(amount), 0n).toString();
}

function absolute(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
