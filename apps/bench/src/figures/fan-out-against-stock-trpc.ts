import type { Figure } from "../figure.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { raceFanOut } from "../scenarios/fan-out-race.ts";
import { medianRatio } from "../statistics.ts";

export const fanOutAgainstStockTrpc: Figure = {
  name: "fan-out-against-stock-trpc",
  about:
    "Events delivered to 2,000 watchers of one organization, from the commit on, against stock tRPC subscriptions over ws",
  unit: "times",
  better: "higher",
  goal: 8,
  gate: 5,
  async measure(bench) {
    const { ours, trpc } = await raceFanOut(bench);
    return { value: medianRatio(ours, trpc), note: describeRates(ours, trpc) };
  },
};
