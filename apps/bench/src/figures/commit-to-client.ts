import { setTimeout as sleep } from "node:timers/promises";
import { withOrganization } from "@guildhall/db";
import { type Figure, WrongResult } from "../figure.ts";
import type { Received } from "../processes/watchers.ts";
import type { BenchOrganization } from "../scenarios/given-organization.ts";
import { givenWatchedHttp } from "../scenarios/watched-http.ts";
import { median, quantile, readable } from "../statistics.ts";

/** Balances are sent at most so often, in milliseconds; a commit may have to wait that long by design. */
const WINDOW_MS = 50;
/** Until the last delivery of a load has arrived, on a busy machine too: a half-recorded event would look like a lost one. */
const SETTLING_MS = 1_000;

export const commitToClient: Figure = {
  name: "commit-to-client",
  about: `From a debit's batch to each of 2,000 watchers, 99th percentile over all debits and watchers; ${WINDOW_MS} ms of it are the window`,
  unit: "ms",
  better: "lower",
  goal: 45 + WINDOW_MS,
  gate: 80 + WINDOW_MS,
  async measure(bench) {
    const { organization, sendUses, watch, watchers } = await givenWatchedHttp(bench);
    const count = await watchers.ask("open", watch);
    // Two at a time: a wallet in use, not a flood.
    const load = { itemsPerRequest: 1, connections: 2, durationMs: bench.size(1_500, 700) };
    await sendUses(load);
    const runs: number[] = [];
    const middles: number[] = [];
    for (let run = 0; run < bench.options.runs; run += 1) {
      await sleep(SETTLING_MS);
      await watchers.ask("record", null);
      await sendUses(load);
      await sleep(SETTLING_MS);
      const times = await latencies(organization, await watchers.ask("received", null), count);
      runs.push(quantile(times, 0.99));
      middles.push(median(times));
    }
    await watchers.ask("closeAll", null);
    const note = `${count} watchers; median ${readable(median(middles))} ms; 99th percentiles: ${runs.map(readable).join(", ")} ms`;
    return { value: median(runs), note };
  },
};

interface BalanceFrame {
  type: string;
  payload: { fromSequence: string; toSequence: string };
}

/** For each posting that an event sums up, and each watcher: from the posting's time to the event's arrival. */
async function latencies(organization: BenchOrganization, received: Received[], watcherCount: number) {
  const events = received
    .map(({ text, atMs }) => ({ atMs, frame: JSON.parse(text).result.data.data as BalanceFrame }))
    .filter(({ frame }) => frame.type === "wallet.balance_changed");
  const incomplete = events.find(({ atMs }) => atMs.length !== watcherCount);
  if (incomplete) throw new WrongResult(`An event reached ${incomplete.atMs.length} of ${watcherCount} watchers.`);
  const [first, last] = [events.at(0), events.at(-1)].map((event) => event?.frame.payload);
  const postedAtMs = await readPostedAt(organization, { first: first?.fromSequence, last: last?.toSequence });
  return events.flatMap(({ atMs, frame: { payload } }) => {
    const times: number[] = [];
    for (let sequence = BigInt(payload.fromSequence); sequence <= BigInt(payload.toSequence); sequence += 1n) {
      const posted = postedAtMs.get(sequence);
      if (posted === undefined) throw new WrongResult(`Posting ${sequence} was announced but does not exist.`);
      for (const arrived of atMs) times.push(arrived - posted);
    }
    return times;
  });
}

/** When each posting's batch was begun, just before its commit. */
async function readPostedAt(
  { services, owner }: BenchOrganization,
  { first = "0", last = "0" }: { first: string | undefined; last: string | undefined },
): Promise<Map<bigint, number>> {
  const rows = await withOrganization(
    services.db,
    owner.organizationId,
    (tx) => tx.sql<{ sequence: bigint; posted_at: Date }[]>`
      SELECT sequence, posted_at FROM ledger.postings
       WHERE book_id = ${owner.organizationId} AND sequence BETWEEN ${first}::bigint AND ${last}::bigint`,
  );
  return new Map(rows.map((row) => [row.sequence, row.posted_at.getTime()]));
}
