import { type Figure, WrongResult } from "../figure.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { raceTwoProcesses } from "../scenarios/two-processes.ts";
import { medianRatio } from "../statistics.ts";

export const twoProcessesShare: Figure = {
  name: "two-processes-share",
  about:
    "Answers of two processes on the same 20 wallets with 5% replays and 75% rejections, as a share of clean debits",
  unit: "%",
  better: "higher",
  goal: 70,
  gate: 50,
  async measure(bench) {
    const { clean, mixed, wrongAnswers, firstWrong } = await raceTwoProcesses(bench);
    if (wrongAnswers > 0) throw new WrongResult(`${wrongAnswers} answers were wrong: ${firstWrong}`);
    return { value: 100 * medianRatio(mixed, clean), note: describeRates(mixed, clean) };
  },
};
