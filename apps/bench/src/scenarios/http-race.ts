import type { Bench } from "../bench.ts";
import { drive } from "../drive.ts";
import { assertExact } from "../figure.ts";
import { interleave } from "../interleave.ts";
import type { EchoCommands } from "../processes/echo-server.ts";
import type { HttpLoadCommands } from "../processes/http-load.ts";
import { type PortalProcess, startPortal } from "../processes/portal.ts";
import { startWorker } from "../processes/worker.ts";
import { createDebitor, createPeers } from "./debit-race.ts";
import { type BenchOrganization, givenOrganization, USE, USE_MICRO } from "./given-organization.ts";

const PATH = "/api/v1/usage";
const CONNECTIONS = 256;
const BULK_ITEMS = 100;

export type HttpRaceResult = Record<"ours" | "echo" | "naive", number[]>;
export type BulkRaceResult = Record<"bulk" | "naive", number[]>;

/** A portal with a full wallet, and a process that sends uses to it. */
export interface HttpSetting {
  organization: BenchOrganization;
  portal: PortalProcess;
  /** Sends uses for a while; returns how many were charged per second. @throws WrongResult unless the balance is exact */
  sendUses(options: { itemsPerRequest: number; connections: number; durationMs: number }): Promise<number>;
  /** The same requests to the bare echo. */
  sendEchoes(durationMs: number): Promise<number>;
}

/** Starts what the HTTP figures share. Made once per run of the benchmark. */
export function givenHttp(bench: Bench): Promise<HttpSetting> {
  return bench.once("http", async () => {
    const database = await bench.createDatabase();
    const organization = await givenOrganization(bench, database);
    const portal = await startPortal(bench, database);
    const load = startWorker<HttpLoadCommands>(bench, "http-load.ts");
    const echoPort = await startWorker<EchoCommands>(bench, "echo-server.ts").ask("listen", null);
    const headers = { authorization: `Bearer ${organization.apiKey}` };
    const request = { path: PATH, headers, item: USE };
    return {
      organization,
      portal,
      async sendUses(options) {
        const before = await organization.balanceMicro();
        const path = options.itemsPerRequest > 1 ? `${PATH}/bulk` : PATH;
        const result = await load.ask("load", { ...request, ...options, path, port: portal.port });
        if (result.firstFailure) throw new Error(`The server answered ${result.firstFailure}`);
        const requests = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
        const spent = BigInt(requests * options.itemsPerRequest) * USE_MICRO;
        assertExact("The balance after the uses", await organization.balanceMicro(), before - spent);
        return result.itemsPerSecond;
      },
      async sendEchoes(durationMs) {
        const load_ = { ...request, itemsPerRequest: 1, connections: CONNECTIONS, durationMs, port: echoPort };
        return (await load.ask("load", load_)).itemsPerSecond;
      },
    };
  });
}

/** One wallet, 256 connections, a use per request: the product, a bare echo, and the naive writer without any HTTP. */
export function raceHttp(bench: Bench): Promise<HttpRaceResult> {
  return bench.once("http race", async () => {
    const { sendUses, sendEchoes } = await givenHttp(bench);
    const durationMs = bench.size(3_000, 500);
    return withNaive(bench, durationMs, {
      ours: () => sendUses({ itemsPerRequest: 1, connections: CONNECTIONS, durationMs }),
      echo: () => sendEchoes(durationMs),
    });
  });
}

/** One wallet, 100 uses per request over 16 connections, and the naive writer without any HTTP. */
export function raceBulk(bench: Bench): Promise<BulkRaceResult> {
  return bench.once("bulk race", async () => {
    const { sendUses } = await givenHttp(bench);
    const durationMs = bench.size(3_000, 500);
    return withNaive(bench, durationMs, {
      bulk: () => sendUses({ itemsPerRequest: BULK_ITEMS, connections: 16, durationMs }),
    });
  });
}

async function withNaive<Name extends string>(
  bench: Bench,
  durationMs: number,
  sides: Record<Name, () => Promise<number>>,
): Promise<Record<Name | "naive", number[]>> {
  const { naive: peer } = await createPeers(bench);
  if (!peer) throw new Error("There is no naive peer.");
  const debitor = await createDebitor(peer, 1);
  const naive = () => drive({ inFlight: 256, durationMs }, debitor.debit);
  const result = await interleave({ ...sides, naive } as Record<Name | "naive", typeof naive>, bench.options);
  await debitor.check();
  return result;
}
