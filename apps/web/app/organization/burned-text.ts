import { formatCredits } from "@guildhall/shared";
import type { Transaction } from "~/api/types";
import { lastDayText } from "./dates";

/**
 * Which lots a transaction took credits from, or gave them back to: "from 3 promotional until 12 Dec 2026, 2 paid". Undefined where it
 * touched none.
 */
export function burnedText(burned: Transaction["burned"] = []): string | undefined {
  const taken = burned.filter(({ amountMicro }) => !amountMicro.startsWith("-"));
  const returned = burned.filter(({ amountMicro }) => amountMicro.startsWith("-"));
  const parts = [taken.length > 0 && `from ${listLots(taken)}`, returned.length > 0 && `back to ${listLots(returned)}`];
  return parts.filter(Boolean).join(" · ") || undefined;
}

function listLots(lots: Transaction["burned"]): string {
  return lots.map(lotText).join(", ");
}

function lotText({ kind, amountMicro, expiresAt }: Transaction["burned"][number]): string {
  const amount = formatCredits(amountMicro.replace("-", ""));
  return `${amount} ${kind}${expiresAt === null ? "" : ` until ${lastDayText(expiresAt)}`}`;
}
