import { type Figure, Unavailable } from "../figure.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { raceBulk } from "../scenarios/http-race.ts";
import { medianRatio } from "../statistics.ts";

export const httpBulkAgainstNaive: Figure = {
  name: "http-bulk-against-naive",
  about: "Uses charged to one wallet by POST of 100 at a time, 16 connections, against the naive writer without HTTP",
  unit: "times",
  better: "higher",
  goal: 50,
  gate: 35,
  async measure(bench) {
    const { bulk, naive } = await raceBulk(bench).catch((error: unknown) => {
      if (error instanceof Error && /answered 4\d\d/.test(error.message)) {
        throw new Unavailable(`The server does not take many uses at once. ${error.message}`);
      }
      throw error;
    });
    return { value: medianRatio(bulk, naive), note: describeRates(bulk, naive) };
  },
};
