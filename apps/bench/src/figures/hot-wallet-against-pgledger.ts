import type { Figure } from "../figure.ts";
import { needPgledger } from "../peers/pgledger-peer.ts";
import { describeRates, raceDebits } from "../scenarios/debit-race.ts";
import { medianRatio } from "../statistics.ts";

export const hotWalletAgainstPgledger: Figure = {
  name: "hot-wallet-against-pgledger",
  about: "Debits per second of one wallet, 256 in flight, against pgledger over 20 connections",
  unit: "times",
  better: "higher",
  goal: 55,
  gate: 38,
  async measure(bench) {
    needPgledger(bench.options.pgledgerFile);
    const { ours, pgledger } = await raceDebits(bench, 1);
    const theirs = needPgledger(pgledger);
    return { value: medianRatio(ours, theirs), note: describeRates(ours, theirs) };
  },
};
