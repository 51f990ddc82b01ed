const KINDS: Record<string, string> = {
  top_up: "Top-up",
  top_up_reversal: "Top-up reversed",
  usage: "Usage",
  adjustment: "Adjustment",
  refund: "Refund",
  expiry: "Expiry",
  transfer: "Transfer",
  hold: "Hold",
  release: "Release",
};

/** Every kind of movement that can be looked for, in the order of their use. */
export const TRANSACTION_KINDS = Object.keys(KINDS);

/** What kind of movement a transaction is, in a word. */
export function kindLabel(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll("_", " ");
}
