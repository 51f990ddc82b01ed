import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import type { Figure } from "../figure.ts";
import { residentKib } from "../process-memory.ts";
import { type PortalProcess, startPortal } from "../processes/portal.ts";
import type { WatcherCommands } from "../processes/watchers.ts";
import { startWorker } from "../processes/worker.ts";
import { givenOrganization } from "../scenarios/given-organization.ts";
import { watcherCount, watchersOf } from "../scenarios/watched-portal.ts";
import { median, readable } from "../statistics.ts";

const SETTLING_MS = 1_000;

export const idleWatcherMemory: Figure = {
  name: "idle-watcher-memory",
  about: "Resident memory of the server per idle watcher, after garbage collection, fresh server each time",
  unit: "KiB",
  better: "lower",
  goal: 16,
  gate: 32,
  async measure(bench) {
    const values: number[] = [];
    for (let run = 0; run < bench.options.runs; run += 1) values.push(await measureOnce(bench));
    return { value: median(values), note: `${watcherCount(bench)} watchers; runs: ${values.map(readable).join(", ")}` };
  },
};

async function measureOnce(bench: Bench): Promise<number> {
  const database = await bench.createDatabase();
  const organization = await givenOrganization(bench, database);
  const portal = await startPortal(bench, database);
  const count = watcherCount(bench);
  const watch = await watchersOf(organization, portal.port, count);
  const [first, all] = [1, 2].map(() => startWorker<WatcherCommands>(bench, "watchers.ts"));
  // The first ones warm the server up: code that is compiled once is not what a watcher costs.
  const warmUp = Math.ceil(count / 20);
  await first?.ask("open", { ...watch, headers: watch.headers.slice(0, warmUp) });
  const before = await settledKib(portal);
  await all?.ask("open", { ...watch, headers: watch.headers.slice(warmUp) });
  const after = await settledKib(portal);
  await Promise.all([first?.stop(), all?.stop()]);
  await portal.stop();
  return (after - before) / (count - warmUp);
}

async function settledKib(portal: PortalProcess): Promise<number> {
  await sleep(SETTLING_MS);
  await portal.collectGarbage();
  await sleep(SETTLING_MS);
  return residentKib(portal.pid);
}
