import { join } from "node:path";
import { measureFirstPages } from "./first-page-size.ts";

/** What a page may load before it is usable: gzipped scripts, in bytes (INTERFACE: under 170 KB). */
const BUDGET_BYTES = 170_000;

const lines = measureFirstPages(join(import.meta.dirname, "..", "build", "client")).map(
  ({ page, sizeBytes, scripts }) => {
    const isOver = sizeBytes > BUDGET_BYTES;
    if (isOver) process.exitCode = 1;
    const heaviest = scripts.slice(0, 3).map((script) => `${script.name} ${kilobytes(script.sizeBytes)}`);
    return `${isOver ? "OVER" : "ok  "} ${page.padEnd(14)} ${kilobytes(sizeBytes)} of ${kilobytes(BUDGET_BYTES)}  (${heaviest.join(", ")})`;
  },
);
process.stdout.write(`${lines.join("\n")}\n`);

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
