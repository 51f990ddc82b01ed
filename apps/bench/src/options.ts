import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface BenchOptions {
  isJson: boolean;
  /** Names of figures, or beginnings of names; empty = all. */
  only: string[];
  /** Interleaved runs of each side; the median counts. */
  runs: number;
  /** Small counts and one run: shows that everything works, decides nothing. */
  isQuick: boolean;
  /** pgledger's SQL file. */
  pgledgerFile: string | undefined;
  /** Below a gate the command fails. */
  isGate: boolean;
}

export const USAGE = `npm run bench -- [options]
  --json             one JSON line per figure instead of the table
  --only NAME,…      only figures whose name begins with one of these
  --runs N           interleaved runs of each side, the median counts (default 3; with --quick 1)
  --quick            small counts: shows that everything works, decides nothing
  --pgledger FILE    pgledger's SQL file, to compare with it (several, separated by commas, run in this order)
  --gate             exit with 1 when a figure is below its gate (a wrong result always does)`;

const MOST_RUNS = 25;

/** Reads the arguments. @throws TypeError saying what is wrong with them */
export function readOptions(args: string[]): BenchOptions | "help" {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      runs: { type: "string" },
      quick: { type: "boolean", default: false },
      pgledger: { type: "string" },
      gate: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const runs = values.runs === undefined ? (values.quick ? 1 : 3) : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > MOST_RUNS) {
    throw new TypeError(`--runs takes a whole number from 1 to ${MOST_RUNS}.`);
  }
  const only = values.only.flatMap((names) => names.split(",")).filter((name) => name !== "");
  return {
    isJson: values.json,
    only,
    runs,
    isQuick: values.quick,
    pgledgerFile: values.pgledger,
    isGate: values.gate,
  };
}
