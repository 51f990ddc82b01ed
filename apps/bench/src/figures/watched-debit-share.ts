import { type Figure, WrongResult } from "../figure.ts";
import { interleave } from "../interleave.ts";
import { describeRates } from "../scenarios/debit-race.ts";
import { givenWatchedHttp } from "../scenarios/watched-http.ts";
import { median, medianRatio, readable } from "../statistics.ts";

/** Watchers must hear that often at least, each of them, else the debits would be fast because nobody is served. */
const LEAST_PER_SECOND = 2;

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
    const heardPerSecond: number[] = [];
    const sides = {
      async watched() {
        await watchers.ask("open", watch);
        const rate = await sendUses(load);
        heardPerSecond.push((await watchers.ask("fewest", null)) / (load.durationMs / 1_000));
        await watchers.ask("closeAll", null);
        return rate;
      },
      unwatched: () => sendUses(load),
    };
    const { watched, unwatched } = await interleave(sides, bench.options);
    const heard = median(heardPerSecond);
    if (heard < LEAST_PER_SECOND) throw new WrongResult(`A watcher heard ${readable(heard)} times a second only.`);
    const note = `${describeRates(watched, unwatched)}; every watcher heard at least ${readable(heard)} times a second`;
    return { value: 100 * medianRatio(watched, unwatched), note };
  },
};
