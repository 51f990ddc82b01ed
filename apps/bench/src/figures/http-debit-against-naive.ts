import type { Figure } from "../figure.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { raceHttp } from "../scenarios/http-race.ts";
import { medianRatio } from "../statistics.ts";

export const httpDebitAgainstNaive: Figure = {
  name: "http-debit-against-naive",
  about: "Uses charged to one wallet by POST, 256 connections, against the naive writer without HTTP",
  unit: "times",
  better: "higher",
  goal: 25,
  gate: 15,
  async measure(bench) {
    const { ours, naive } = await raceHttp(bench);
    return { value: medianRatio(ours, naive), note: describeRates(ours, naive) };
  },
};
