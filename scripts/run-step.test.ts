import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { runSteps } from "./run-step.ts";

const script = (name: string, code: string) => ({ name, args: ["--eval", code] });
const cwd = tmpdir();

test("a step that fails is reported with what it wrote, and does not stop the others", async () => {
  const results = await runSteps(
    [script("bad", "console.error('why'); process.exitCode = 3"), script("good", "console.log('fine')")],
    { cwd, atOnce: 1 },
  );
  expect(results.map(({ name, ok, output }) => [name, ok, output])).toEqual([
    ["bad", false, "why\n"],
    ["good", true, "fine\n"],
  ]);
});

test("a step that is killed has failed", async () => {
  const [result] = await runSteps([script("killed", "process.kill(process.pid, 'SIGKILL')")], { cwd, atOnce: 1 });
  expect(result).toMatchObject({ ok: false });
});

test("results keep the order of the steps, whichever ends first", async () => {
  const seen: string[] = [];
  const results = await runSteps([script("slow", "setTimeout(() => {}, 400)"), script("quick", "")], {
    cwd,
    atOnce: 2,
    onResult: ({ name }) => seen.push(name),
  });
  expect(results.map(({ name }) => name)).toEqual(["slow", "quick"]);
  expect(seen).toEqual(["quick", "slow"]);
});
