import type { Figure } from "../figure.ts";
import { needPgledger } from "../peers/pgledger-peer.ts";
import { describeRates, raceDebits } from "../scenarios/debit-race.ts";
import { medianRatio } from "../statistics.ts";

export const thousandWalletsAgainstPgledger: Figure = {
  name: "thousand-wallets-against-pgledger",
  about: "Debits per second of 1,000 wallets in turn, 256 in flight, against pgledger over 20 connections",
  unit: "times",
  better: "higher",
  goal: 20,
  gate: 13,
  async measure(bench) {
    needPgledger(bench.options.pgledgerFile);
    const { ours, pgledger } = await raceDebits(bench, 1_000);
    const theirs = needPgledger(pgledger);
    return { value: medianRatio(ours, theirs), note: describeRates(ours, theirs) };
  },
};
