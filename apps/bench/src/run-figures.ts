import type { Bench } from "./bench.ts";
import { type Figure, type Measured, Unavailable, WrongResult } from "./figure.ts";

/** What became of a figure. */
export interface Row {
  figure: Figure;
  /** Null when there is none: the peer is missing, or a result was wrong. */
  value: number | null;
  verdict: "goal reached" | "ok" | "below gate" | "not available" | "wrong" | "failed";
  note: string;
}

/** Measures figures one after the other; one that fails does not keep the others from being measured. */
export async function runFigures(figures: readonly Figure[], bench: Bench, onRow: (row: Row) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const figure of figures) {
    const startedMs = performance.now();
    const row = await runFigure(figure, bench);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    bench.say(`${figure.name}: ${row.value ?? row.verdict} (${seconds} s) ${row.note}`);
    rows.push(row);
    onRow(row);
  }
  return rows;
}

async function runFigure(figure: Figure, bench: Bench): Promise<Row> {
  try {
    const { value, note } = await figure.measure(bench);
    if (!Number.isFinite(value)) throw new Error(`The measurement gave ${value}.`);
    return { figure, value: round(value), verdict: judge(figure, value), note };
  } catch (error) {
    if (error instanceof Unavailable) return { figure, value: null, verdict: "not available", note: error.message };
    if (error instanceof WrongResult) return { figure, value: null, verdict: "wrong", note: error.message };
    const note = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { figure, value: null, verdict: "failed", note };
  }
}

function judge({ better, goal, gate }: Figure, value: Measured["value"]): Row["verdict"] {
  const reaches = (bound: number) => (better === "higher" ? value >= bound : value <= bound);
  if (reaches(goal)) return "goal reached";
  return reaches(gate) ? "ok" : "below gate";
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
