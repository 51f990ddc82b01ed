import type { Figure } from "../figure.ts";
import { describeRates, raceDebits } from "../scenarios/debit-race.ts";
import { medianRatio } from "../statistics.ts";

export const hotWalletAgainstNaive: Figure = {
  name: "hot-wallet-against-naive",
  about: "Debits per second of one wallet, 256 in flight, against one transaction per debit over 20 connections",
  unit: "times",
  better: "higher",
  goal: 80,
  gate: 50,
  async measure(bench) {
    const { ours, naive } = await raceDebits(bench, 1);
    return { value: medianRatio(ours, naive), note: describeRates(ours, naive) };
  },
};
