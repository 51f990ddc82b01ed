const KINDS: Record<string, string> = {
  top_up: "Top-up",
  usage: "Usage",
  adjustment: "Adjustment",
  refund: "Refund",
  expiry: "Expiry",
  transfer: "Transfer",
  allowance: "Allowance",
};

/** What kind of movement a transaction is, in a word. */
export function kindLabel(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll("_", " ");
}
