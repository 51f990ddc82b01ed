/** What a model costs from a date on, in micro-credits per million tokens. */
export interface ModelPrice {
  model: string;
  effectiveFrom: Date;
  inputMicroPerMillion: bigint;
  outputMicroPerMillion: bigint;
}

/** What one use consumed, in tokens. */
export interface TokenCount {
  inputTokens: bigint;
  outputTokens: bigint;
}

const TOKENS_PER_PRICE = 1_000_000n;

/** Finds the price that holds for a model at a time: the newest not after it. Undefined when there is none yet. */
export function priceAt(prices: Iterable<ModelPrice>, model: string, at: Date): ModelPrice | undefined {
  let newest: ModelPrice | undefined;
  for (const price of prices) {
    if (price.model !== model || price.effectiveFrom > at) continue;
    if (!newest || price.effectiveFrom > newest.effectiveFrom) newest = price;
  }
  return newest;
}

/**
 * Computes what a use costs, in micro-credits. Input and output are summed first and rounded once, up to the next
 * millionth: splitting a use never makes it cheaper, and joining two saves at most one millionth.
 */
export function computeCost(price: ModelPrice, used: TokenCount): bigint {
  const exact = used.inputTokens * price.inputMicroPerMillion + used.outputTokens * price.outputMicroPerMillion;
  return (exact + TOKENS_PER_PRICE - 1n) / TOKENS_PER_PRICE;
}
