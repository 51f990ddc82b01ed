import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

export interface Step {
  name: string;
  /** Arguments for Node: a JavaScript or TypeScript file first. */
  args: string[];
}

export interface StepResult {
  name: string;
  ok: boolean;
  durationMs: number;
  /** Standard output and error, in the order they came. */
  output: string;
}

/** Runs one step in a Node process of its own. Never rejects: a step that cannot start is a failed step. */
function runStep(step: Step, cwd: string): Promise<StepResult> {
  const startedAt = performance.now();
  const chunks: string[] = [];
  return new Promise((resolve) => {
    const finish = (ok: boolean) =>
      resolve({ name: step.name, ok, durationMs: performance.now() - startedAt, output: chunks.join("") });
    const child = spawn(process.execPath, step.args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
    }
    child.once("error", (error) => {
      chunks.push(String(error));
      finish(false);
    });
    child.once("close", (code) => finish(code === 0));
  });
}

/** Runs the steps, at most `atOnce` of them at a time, and hands over each result as it comes. Results keep the steps' order. */
export async function runSteps(
  steps: Step[],
  options: { cwd: string; atOnce: number; onResult?: (result: StepResult) => void },
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const waiting = [...steps.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, step] = next;
      const result = await runStep(step, options.cwd);
      results[index] = result;
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.atOnce) }, work));
  return results;
}
