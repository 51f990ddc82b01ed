import type { Figure } from "../figure.ts";
import { raceTwoProcesses } from "../scenarios/two-processes.ts";
import { readable } from "../statistics.ts";

export const twoProcessesWrongAnswers: Figure = {
  name: "two-processes-wrong-answers",
  about: "Answers and balances that were not what they had to be, in the same run, depleted wallets included",
  unit: "answers",
  better: "lower",
  goal: 0,
  gate: 0,
  async measure(bench) {
    const { answers, wrongAnswers, firstWrong } = await raceTwoProcesses(bench);
    return { value: wrongAnswers, note: `Of about ${readable(answers)}. ${firstWrong ?? "None was wrong."}` };
  },
};
