import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Bench } from "../bench.ts";

/** The commands of a worker: what each takes and gives. Everything travels by structured clone. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of a table of functions, whatever they take
export type Commands = Record<string, (input: any) => Promise<unknown>>;

/** Another process that does what it is told. */
export interface Worker<C extends Commands> {
  pid: number;
  ask<K extends keyof C & string>(command: K, input: Parameters<C[K]>[0]): Promise<Awaited<ReturnType<C[K]>>>;
  stop(): Promise<void>;
}

interface Question {
  id: number;
  command: string;
  input: unknown;
}

type Answer = { id: number; value: unknown } | { id: number; error: string };

/** In the worker: answers the parent's questions, and ends when the parent does. */
export function serveCommands(commands: Commands): void {
  process.on("message", ({ id, command, input }: Question) => {
    const run = async () => commands[command]?.(input);
    run().then(
      (value) => process.send?.({ id, value }),
      (error) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once("disconnect", () => process.exit(0));
  process.on("SIGINT", () => {}); // Ctrl-C is the parent's to handle.
}

/** Starts a worker: a file of this folder that calls serveCommands. Stopped at the end at the latest. */
export function startWorker<C extends Commands>(bench: Bench, file: string): Worker<C> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { serialization: "advanced" });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on("message", (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) asked?.reject(new Error(answer.error));
    else asked?.resolve(answer.value);
  });
  child.once("exit", (code, signal) => {
    for (const asked of waiting.values()) asked.reject(new Error(`${file} ended (${signal ?? code}).`));
  });
  const stop = () => ended(child, () => child.disconnect());
  bench.onEnd(stop);
  return {
    pid: child.pid as number,
    ask: (command, input) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id: lastId, command, input });
      }),
    stop,
  };
}

const PATIENCE_MS = 10_000;

/** Resolves when the process has ended; kills it when it has not in time. */
export async function ended(child: ChildProcess, askToEnd: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  askToEnd();
  const kill = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await gone;
  clearTimeout(kill);
}
