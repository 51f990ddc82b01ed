import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("results keep the order of the steps, whichever ends first; two run side by side", async () => {
  const dir = await mkdtemp(join(tmpdir(), "guildhall-steps-"));
  const mark = JSON.stringify(join(dir, "quick-was-here"));
  const waits = `const { existsSync } = require("node:fs"); setInterval(() => existsSync(${mark}) && process.exit(), 5)`;
  const marks = `require("node:fs").writeFileSync(${mark}, "")`;
  const results = await runSteps([script("waits", waits), script("marks", marks)], { cwd, atOnce: 2 });
  expect(results.map(({ name, ok }) => [name, ok])).toEqual([
    ["waits", true],
    ["marks", true],
  ]);
  await rm(dir, { recursive: true });
});
