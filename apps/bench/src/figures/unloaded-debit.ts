import type { Figure } from "../figure.ts";
import { interleave } from "../interleave.ts";
import { createDebitor, createPeers } from "../scenarios/debit-race.ts";
import { median, medianRatio, readable } from "../statistics.ts";

export const unloadedDebit: Figure = {
  name: "unloaded-debit",
  about: "Median time of one debit when nothing else happens, against one transaction per debit",
  unit: "times",
  better: "lower",
  goal: 0.7,
  gate: 1,
  async measure(bench) {
    const { ours, naive } = await createPeers(bench);
    if (!ours || !naive) throw new Error("There are no peers to measure.");
    const debitors = { ours: await createDebitor(ours, 1), naive: await createDebitor(naive, 1) };
    const count = bench.size(300, 50);
    const timesOf = (debit: () => Promise<number>) => () => medianTime(debit, count);
    const times = await interleave(
      { ours: timesOf(debitors.ours.debit), naive: timesOf(debitors.naive.debit) },
      bench.options,
    );
    await debitors.ours.check();
    await debitors.naive.check();
    const [our, their] = [median(times.ours), median(times.naive)];
    return {
      value: medianRatio(times.ours, times.naive),
      note: `${readable(our)} ms against ${readable(their)} ms`,
    };
  },
};

async function medianTime(debit: () => Promise<number>, count: number): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const startedMs = performance.now();
    await debit();
    times.push(performance.now() - startedMs);
  }
  return median(times);
}
