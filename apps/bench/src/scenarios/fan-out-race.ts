import { withOrganization } from "@guildhall/db";
import { appendEvents } from "@guildhall/live";
import type { Bench } from "../bench.ts";
import { Unavailable } from "../figure.ts";
import { interleave, type Side } from "../interleave.ts";
import { startPortal } from "../processes/portal.ts";
import type { BenchEvent, FanOutCommands } from "../processes/stock-trpc-server.ts";
import type { OpenWatchers, WatcherCommands } from "../processes/watchers.ts";
import { startWorker } from "../processes/worker.ts";
import { type BenchOrganization, givenOrganization } from "./given-organization.ts";
import { watcherCount, watchersOf } from "./watched-portal.ts";

/** Deliveries per second, by server and round. socket.io is missing when it is not installed. */
export type FanOutResult = { ours: number[]; trpc: number[]; socketIo?: number[] };

const WITHIN_MS = 60_000;

/**
 * Events to all watchers of one organization, one after the other, from the first one's publishing to the last one's
 * arrival. Ours commits each of them; the others get each in a turn of its own, or they would put many into one write.
 */
export function raceFanOut(bench: Bench): Promise<FanOutResult> {
  return bench.once("fan-out", async () => {
    const socketIo = await startSocketIo(bench);
    const sides: Record<string, Side> = {
      ours: await startOurs(bench),
      trpc: await startStockTrpc(bench),
      ...(socketIo && { socketIo }),
    };
    return (await interleave(sides, bench.options)) as unknown as FanOutResult;
  });
}

/** Numbered, so that watchers can tell whether they got every one in order. */
function numberedEvents(first: number, count: number): BenchEvent[] {
  const at = new Date().toISOString();
  return Array.from({ length: count }, (_, n) => ({
    type: "organization.renamed",
    payload: { name: `Event ${first + n}` },
    at,
  }));
}

/** Opens the watchers of one server and makes the side that sends it bursts. */
async function createSide(
  bench: Bench,
  watch: OpenWatchers,
  publish: (events: BenchEvent[]) => Promise<unknown>,
): Promise<Side> {
  const watchers = startWorker<WatcherCommands>(bench, "watchers.ts");
  const count = await watchers.ask("open", watch);
  const burst = bench.size(30, 10);
  let sent = 0;
  return async () => {
    const arrived = watchers.ask("expect", { events: burst, withinMs: WITHIN_MS });
    const events = numberedEvents(sent + 1, burst);
    sent += burst;
    const startedMs = performance.timeOrigin + performance.now();
    await publish(events);
    return (count * burst * 1_000) / ((await arrived) - startedMs);
  };
}

/** The product's own server: events are committed to the log here, it learns of them as from another process. */
async function startOurs(bench: Bench): Promise<Side> {
  const database = await bench.createDatabase();
  const organization = await givenOrganization(bench, database);
  const portal = await startPortal(bench, database);
  const watch = await watchersOf(organization, portal.port, watcherCount(bench));
  return createSide(bench, watch, (events) => publishToLog(organization, events));
}

/** A commit and a wake-up per event, one after the other: nothing here knows that more are coming. */
async function publishToLog({ services, owner }: BenchOrganization, events: BenchEvent[]): Promise<void> {
  const { organizationId } = owner;
  for (const { type, payload } of events) {
    const entry = { organizationId, type, payload, audience: null, actorId: null };
    const heads = await withOrganization(services.db, organizationId, (tx) =>
      appendEvents(tx.sql, [entry], new Date()),
    );
    services.bus.publish(heads);
  }
}

async function startStockTrpc(bench: Bench): Promise<Side> {
  const server = startWorker<FanOutCommands>(bench, "stock-trpc-server.ts");
  const subscribe = JSON.stringify({ id: 1, method: "subscription", params: { path: "live" } });
  const watch = await bareWatch(bench, server.ask("listen", null), { kind: "trpc", subscribe });
  return createSide(bench, { ...watch, path: "/" }, (events) => server.ask("publish", events));
}

async function startSocketIo(bench: Bench): Promise<Side | undefined> {
  const server = startWorker<FanOutCommands>(bench, "socket-io-server.ts");
  const listening = server.ask("listen", null);
  try {
    const watch = await bareWatch(bench, listening, { kind: "socket.io" });
    const path = "/socket.io/?EIO=4&transport=websocket";
    return await createSide(bench, { ...watch, path }, (events) => server.ask("publish", events));
  } catch (error) {
    if (!String(error).includes("ERR_MODULE_NOT_FOUND")) throw error;
    await server.stop();
    return undefined;
  }
}

async function bareWatch(bench: Bench, port: Promise<number>, protocol: OpenWatchers["protocol"]) {
  const headers = Array.from({ length: watcherCount(bench) }, () => ({}));
  return { port: await port, headers, protocol };
}

/** @throws Unavailable */
export function needSocketIo(values: number[] | undefined): number[] {
  if (values) return values;
  throw new Unavailable("socket.io is not installed; it is a development dependency of apps/bench.");
}
