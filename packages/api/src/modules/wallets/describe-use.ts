import type { Posting } from "@guildhall/ledger";

/** What a use was. */
export interface UsedTokens {
  agent: string;
  model: string;
  inputTokens: bigint;
  outputTokens: bigint;
}

/** What the wallet's history says of a use, whether its posting holds it or the use is asked. */
export function describeUse(use: UsedTokens): { description: string; attributes: Posting["attributes"] } {
  const { agent, model } = use;
  const [inputTokens, outputTokens] = [Number(use.inputTokens), Number(use.outputTokens)];
  return { description: `${agent} · ${model}`, attributes: { agent, model, inputTokens, outputTokens } };
}
