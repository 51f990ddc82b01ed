import type { PostingKind } from "@guildhall/ledger";
import { isUuid } from "@guildhall/shared";
import { z } from "zod";
import { instant } from "../../instant.ts";

/** Every kind that a wallet's history knows. */
export const transactionKinds = [
  "top_up",
  "top_up_reversal",
  "usage",
  "refund",
  "adjustment",
  "expiry",
  "transfer",
  "hold",
  "release",
] as const satisfies readonly PostingKind[];

const micro = z.string().regex(/^-?\d{1,18}$/, "Give an amount in micro-credits, as a text of digits.");

/** What to show of a wallet's history. Whatever is left out does not limit; what is given must all hold. */
export const transactionFilters = z.object({
  kinds: z.array(z.enum(transactionKinds)).max(transactionKinds.length).optional(),
  /** Id of a person: what was used for them, or done by them. */
  member: z.string().refine(isUuid, "Give the id of a person.").optional(),
  /** The agent's name, exactly. */
  agent: z.string().trim().min(1).max(100).optional(),
  /** From then on, that instant included. */
  from: instant.optional(),
  /** Until then, that instant excluded: so months and days join without overlap. */
  to: instant.optional(),
  /** Bounds of the amount as the history shows it, both included: what was taken is below zero. */
  minAmountMicro: micro.optional(),
  maxAmountMicro: micro.optional(),
});

export type TransactionFilters = z.infer<typeof transactionFilters>;

/** Says whether rows must be looked at one by one: dates alone are a stretch of the history. */
export function looksAtRows({ kinds, member, agent, minAmountMicro, maxAmountMicro }: TransactionFilters): boolean {
  return [kinds?.length || undefined, member, agent, minAmountMicro, maxAmountMicro].some(
    (value) => value !== undefined,
  );
}

/** Kinds of which a wallet has few, so that all of them may be looked through: they are found by an index. */
const RARE: readonly PostingKind[] = ["top_up", "top_up_reversal", "refund", "adjustment", "expiry", "transfer"];

/** The kinds, if only such are asked for of which a wallet has few. */
export function onlyRareKinds({ kinds = [] }: TransactionFilters): PostingKind[] | undefined {
  return kinds.length > 0 && kinds.every((kind) => RARE.includes(kind)) ? kinds : undefined;
}
