import type { Reporter, TestCase } from "vitest/node";

/** Names, at the end of a run, the tests that passed at the second try only: they are faults to come, of the test or of what it tests. */
export default class SecondTriesReporter implements Reporter {
  private readonly names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    if (this.names.length === 0) return;
    console.log(`\nPassed at the second try only:\n${this.names.map((name) => `  ${name}`).join("\n")}`);
  }
}
