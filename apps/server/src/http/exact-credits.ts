import { MICRO_PER_CREDIT } from "@guildhall/shared";

/** Credits with every digit that there is, for programs and spreadsheets: people see three decimals. */
export function toExactCredits(amountMicro: bigint): string {
  if (amountMicro < 0n) return `-${toExactCredits(-amountMicro)}`;
  const fraction = String(amountMicro % MICRO_PER_CREDIT)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${amountMicro / MICRO_PER_CREDIT}${fraction && `.${fraction}`}`;
}
