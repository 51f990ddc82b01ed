import { describe, expect, test } from "vitest";
import { countRun, type TestReport } from "./count-tests.ts";

const report = (passed: number, files: string[][]): TestReport => ({
  numPassedTests: passed,
  numFailedTests: files.flat().filter((status) => status === "failed").length,
  testResults: files.map((statuses) => ({
    status: statuses.length === 0 || statuses.includes("failed") ? "failed" : "passed",
    assertionResults: statuses.map((status) => ({ status })),
  })),
});

describe("the count at the end of a run", () => {
  test("a clean run has no failure", () => {
    expect(countRun(report(2, [["passed", "passed"]]), { check: 0, test: 0 })).toEqual({ passed: 2, failed: 0 });
  });

  test("failed tests are counted one by one", () => {
    expect(countRun(report(1, [["passed", "failed"], ["failed"]]), { check: 0, test: 1 })).toEqual({
      passed: 1,
      failed: 2,
    });
  });

  test("a file that does not load is a failure", () => {
    expect(countRun(report(1, [["passed"], []]), { check: 0, test: 1 })).toEqual({ passed: 1, failed: 1 });
  });

  test("a run that ends badly without a failed test is a failure", () => {
    expect(countRun(report(1, [["passed"]]), { check: 0, test: 1 })).toEqual({ passed: 1, failed: 1 });
    expect(countRun(null, { check: 0, test: 137 })).toEqual({ passed: 0, failed: 1 });
  });

  test("a failed check is a failure although every test passed", () => {
    expect(countRun(report(1, [["passed"]]), { check: 1, test: 0 })).toEqual({ passed: 1, failed: 1 });
  });
});
