import type { Figure } from "../figure.ts";
import { interleave } from "../interleave.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { givenWatchedHttp } from "../scenarios/watched-http.ts";
import { medianRatio } from "../statistics.ts";

export const watchedDebitShare: Figure = {
  name: "watched-debit-share",
  about:
    "Uses charged by POST, 256 connections, while 2,000 watchers of the wallet are served, as a share of the same unwatched",
  unit: "%",
  better: "higher",
  goal: 80,
  gate: 65,
  async measure(bench) {
    const { sendUses, watch, watchers } = await givenWatchedHttp(bench);
    const load = { itemsPerRequest: 1, connections: 256, durationMs: bench.size(3_000, 500) };
    const sides = {
      async watched() {
        await watchers.ask("open", watch);
        const rate = await sendUses(load);
        await watchers.ask("closeAll", null);
        return rate;
      },
      unwatched: () => sendUses(load),
    };
    const { watched, unwatched } = await interleave(sides, bench.options);
    return { value: 100 * medianRatio(watched, unwatched), note: describeRates(watched, unwatched) };
  },
};
