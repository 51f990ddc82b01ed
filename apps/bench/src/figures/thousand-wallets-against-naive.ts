import type { Figure } from "../figure.ts";
import { describeRates, raceDebits } from "../scenarios/debit-race.ts";
import { medianRatio } from "../statistics.ts";

export const thousandWalletsAgainstNaive: Figure = {
  name: "thousand-wallets-against-naive",
  about:
    "Debits per second of 1,000 wallets in turn, 256 in flight, against one transaction per debit over 20 connections",
  unit: "times",
  better: "higher",
  goal: 25,
  gate: 15,
  async measure(bench) {
    const { ours, naive } = await raceDebits(bench, 1_000);
    return { value: medianRatio(ours, naive), note: describeRates(ours, naive) };
  },
};
