import { Presets, SingleBar } from "cli-progress";
import type { ReplayResult } from "./replay.ts";

/** Shows how far a run is, on standard error, so that standard output carries the report alone. */
export function createProgressBar(rowCount: number) {
  const bar = new SingleBar(
    {
      format:
        "{bar} {percentage}%  {value}/{total}  {accepted} accepted  {refused} refused  {rate}/s  {eta_formatted} left",
      barsize: 24,
      hideCursor: true,
      // Into a file or a pipe: a line now and then instead of a bar that repaints itself.
      noTTYOutput: true,
      notTTYSchedule: 5_000,
      etaBuffer: 500,
    },
    Presets.shades_classic,
  );
  bar.start(rowCount, 0, { accepted: 0, refused: 0, rate: 0 });
  return {
    update({ outcomes, counts, startedMs }: ReplayResult): void {
      const rate = Math.round(outcomes.size / Math.max((performance.now() - startedMs) / 1_000, 0.001));
      const refused = counts.refused + counts.unanswered;
      bar.update(outcomes.size, { accepted: counts.accepted + counts.replayed, refused, rate });
    },
    stop: () => bar.stop(),
  };
}
