import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { findOverruns, formatOverruns } from "./house-budgets.ts";
import { runSteps, type Step, type StepResult } from "./run-step.ts";

const HOUSE = resolve(import.meta.dirname, "..");

/** The longest first, so that two cores finish together. */
const STEPS: Step[] = [
  { name: "types", args: ["node_modules/typescript/bin/tsc", "--noEmit", "-p", "."] },
  { name: "lint and format", args: ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "."] },
  { name: "unused code", args: ["node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints"] },
  {
    name: "import rules",
    args: [
      "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
      "--config",
      ".dependency-cruiser.mjs",
      "--output-type",
      "err-long",
      "apps",
      "packages",
      "scripts",
    ],
  },
  { name: "drawing", args: ["scripts/architecture-drawing.ts", "--check"] },
  { name: "permissions table", args: ["scripts/permissions-table.ts", "--check"] },
];

const seconds = (durationMs: number) => `${(durationMs / 1000).toFixed(1)} s`;

function report(result: StepResult): void {
  console.log(`${result.ok ? "✓" : "✗"} ${result.name.padEnd(20)} ${seconds(result.durationMs).padStart(7)}`);
  if (!result.ok) console.log(`\n${result.output.trim()}\n`);
}

async function check(): Promise<number> {
  const startedAt = performance.now();
  const results = await runSteps(STEPS, { cwd: HOUSE, atOnce: Math.min(2, availableParallelism()), onResult: report });
  const overruns = formatOverruns(await findOverruns(HOUSE));
  if (overruns !== "") console.log(`\n${overruns}\n`);
  const failed = results.filter((result) => !result.ok).map((result) => result.name);
  const total = seconds(performance.now() - startedAt);
  console.log(failed.length === 0 ? `All clear in ${total}.` : `Failed: ${failed.join(", ")} (${total}).`);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await check();
