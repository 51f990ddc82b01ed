import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

/** What Vitest's JSON reporter says of a run; more is in the file. */
export interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  /** Files and describe blocks; a file that does not load has failed here without a failed test. */
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

export interface Counts {
  passed: number;
  failed: number;
}

/**
 * Counts a run of the checks and the tests. `report` is null when the tests left none.
 * Whatever ends in a non-zero code counts as at least one failure, so that "0 failed" always means success.
 */
export function countRun(report: TestReport | null, codes: { check: number; test: number }): Counts {
  const unloadable = (report?.testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  );
  const failedTests = (report?.numFailedTests ?? 0) + unloadable.length;
  const silent = codes.test !== 0 && failedTests === 0 ? 1 : 0;
  return { passed: report?.numPassedTests ?? 0, failed: failedTests + silent + (codes.check === 0 ? 0 : 1) };
}

async function readReport(path: string): Promise<TestReport | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as TestReport;
  } catch {
    // Vitest writes its report last: a run that was killed leaves none, or half of one.
    return null;
  }
}

async function main([path = "", check = "1", test = "1"]: string[]): Promise<void> {
  const report = await readReport(path);
  const { passed, failed } = countRun(report, { check: Number(check), test: report === null ? 1 : Number(test) });
  if (check !== "0") console.log("\nnpm run check failed, see above.");
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.slice(2));
