import type { BenchOptions } from "./options.ts";
import type { Row } from "./run-figures.ts";
import { readable } from "./statistics.ts";

/** Prints a figure as one line of JSON. A figure without a value has null and says why. */
export function printRow({ figure, value, verdict, note }: Row): void {
  const { name, unit, better, goal, gate } = figure;
  const line = { figure: name, value, unit, better, goal, gate };
  console.log(JSON.stringify(value === null ? { ...line, reason: `${verdict}: ${note}` } : line));
}

/** Prints the table for people, and below it what lies behind each number. */
export function printTable(rows: readonly Row[], { runs, isQuick }: BenchOptions): void {
  const cells = rows.map(({ figure, value, verdict }) => [
    figure.name,
    value === null ? "–" : readable(value),
    figure.unit,
    readable(figure.goal),
    readable(figure.gate),
    verdict,
  ]);
  const table = [["figure", "value", "unit", "goal", "gate", ""], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const isNumber = (column: number) => column === 1 || column === 3 || column === 4;
  for (const line of table) {
    const padded = line.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    console.log(padded.join("  ").trimEnd());
  }
  console.log();
  for (const { figure, note } of rows) console.log(`${figure.name}: ${figure.about}. ${note}`);
  console.log(`\nMedian of ${runs} interleaved ${runs === 1 ? "run" : "runs"}, fsync and synchronous_commit on.`);
  if (isQuick) console.log("Quick: shows that everything works, decides nothing.");
}
