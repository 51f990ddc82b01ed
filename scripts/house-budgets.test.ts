import { expect, test } from "vitest";
import { functionOverruns } from "./house-budgets.ts";

const functionOf = (lines: number) => `export function long() {\n${"  void 0;\n".repeat(lines - 2)}}\n`;

test("a function of 45 lines is within budget, one of 46 is not", () => {
  expect(functionOverruns("a.ts", functionOf(45))).toEqual([]);
  expect(functionOverruns("a.ts", functionOf(46))).toEqual([{ place: "a.ts:1", finding: "long has 46 lines" }]);
});

test("a fourth parameter is over budget", () => {
  expect(functionOverruns("a.ts", "const f = (a, b, c) => a;")).toEqual([]);
  expect(functionOverruns("a.ts", "const f = (a, b, c, d) => a;")).toEqual([
    { place: "a.ts:1", finding: "f takes 4 parameters" },
  ]);
});

test("the callback that holds a file's tests has no budget", () => {
  const suite = `describe("x", () => {\n${"  void 0;\n".repeat(60)}});\n`;
  expect(functionOverruns("a.test.ts", suite)).toEqual([]);
  expect(functionOverruns("a.ts", suite)).toHaveLength(1);
});
