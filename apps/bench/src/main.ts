import { startBench } from "./bench.ts";
import { figures } from "./figures/index.ts";
import { readOptions, USAGE } from "./options.ts";
import { printRow, printTable } from "./report.ts";
import { runFigures } from "./run-figures.ts";

/** Runs the benchmark. Exit code 1 when a result was wrong or, with --gate, when a figure is below its gate. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") {
    console.log(USAGE);
    return 0;
  }
  const chosen = figures.filter(
    ({ name }) => options.only.length === 0 || options.only.some((start) => name.startsWith(start)),
  );
  if (chosen.length === 0) {
    throw new TypeError(`There is no such figure. There are:\n  ${figures.map(({ name }) => name).join("\n  ")}`);
  }
  const say = (line: string) => console.error(line);
  const { bench, end } = await startBench(options, say);
  const stop = () => void end().finally(() => process.exit(130));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const rows = await runFigures(chosen, bench, (row) => options.isJson && printRow(row));
    if (!options.isJson) printTable(rows, options);
    const isWrong = rows.some(({ verdict }) => verdict === "wrong" || verdict === "failed");
    return isWrong || (options.isGate && rows.some(({ verdict }) => verdict === "below gate")) ? 1 : 0;
  } finally {
    await end();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = 2;
}
