import { formatCredits, formatSignedCredits, MICRO_PER_CREDIT } from "@guildhall/shared";

/**
 * An amount for a row: three decimals, and never "0" for something. What is too small to show is "less than 0.001"; the exact
 * amount stands in exactCredits. With `isSigned` as ledgers write it, the sign always shown.
 */
export function amountText(amountMicro: string, { isSigned }: { isSigned: boolean }): string {
  const shown = isSigned ? formatSignedCredits(amountMicro) : formatCredits(amountMicro);
  const amount = BigInt(amountMicro);
  if (amount === 0n || !/^[+−]?0$/.test(shown)) return shown;
  return `${isSigned ? (amount < 0n ? "−" : "+") : ""}<0.001`;
}

/** An amount to its last millionth: "−0.000324 credits". */
export function exactCredits(amountMicro: string): string {
  const amount = BigInt(amountMicro);
  const digits = (amount < 0n ? -amount : amount) % MICRO_PER_CREDIT;
  const whole = (amount < 0n ? -amount : amount) / MICRO_PER_CREDIT;
  const fraction = digits.toString().padStart(6, "0").replace(/0+$/, "");
  const shown = whole.toLocaleString("en-US") + (fraction ? `.${fraction}` : "");
  return `${amount < 0n ? "−" : ""}${shown} credits`;
}
