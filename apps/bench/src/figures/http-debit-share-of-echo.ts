import type { Figure } from "../figure.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { raceHttp } from "../scenarios/http-race.ts";
import { medianRatio } from "../statistics.ts";

export const httpDebitShareOfEcho: Figure = {
  name: "http-debit-share-of-echo",
  about: "Uses charged to one wallet by POST, 256 connections, as a share of a bare Node echo of the same JSON",
  unit: "%",
  better: "higher",
  goal: 75,
  gate: 50,
  async measure(bench) {
    const { ours, echo } = await raceHttp(bench);
    return { value: 100 * medianRatio(ours, echo), note: describeRates(ours, echo) };
  },
};
