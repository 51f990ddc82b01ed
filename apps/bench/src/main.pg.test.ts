import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { figures } from "./figures/index.ts";
import { readOptions } from "./options.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const run = promisify(execFile);

describe("npm run bench", () => {
  test("--json prints one complete line per figure and nothing else", { timeout: 120_000 }, async () => {
    const names = ["unloaded-debit", "hot-wallet-against-pgledger"];
    const { stdout } = await run(process.execPath, [MAIN, "--quick", "--json", "--only", names.join(",")]);
    const lines = stdout.trim().split("\n");
    const [pgledger, unloaded] = lines.map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2);
    expect(unloaded).toEqual({
      figure: "unloaded-debit",
      value: expect.any(Number),
      unit: "times",
      better: "lower",
      goal: 0.7,
      gate: 1,
    });
    expect(unloaded.value).toBeGreaterThan(0);
    // Without the peer's file there is no value, and the line says why.
    expect(pgledger).toMatchObject({ value: null, reason: expect.stringContaining("--pgledger FILE") });
  });

  test("every figure has a name of its own, and a gate that is not beyond its goal", () => {
    expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
    for (const { name, better, goal, gate } of figures) {
      expect(better === "higher" ? goal - gate : gate - goal, name).toBeGreaterThanOrEqual(0);
    }
  });

  test("a number of runs that is none is refused before anything starts", () => {
    for (const runs of ["0", "2.5", "many", "26"]) {
      expect(() => readOptions(["--runs", runs])).toThrow("--runs takes a whole number");
    }
    expect(readOptions([])).toMatchObject({ runs: 3, isQuick: false });
  });
});
