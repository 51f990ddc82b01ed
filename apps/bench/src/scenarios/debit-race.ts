import type { Bench } from "../bench.ts";
import { drive } from "../drive.ts";
import { assertExact } from "../figure.ts";
import { interleave } from "../interleave.ts";
import { createBatchPeer } from "../peers/batch-peer.ts";
import { createNaivePeer } from "../peers/naive-peer.ts";
import { createPgledgerPeer } from "../peers/pgledger-peer.ts";
import type { WalletPeer } from "../peers/wallet-peer.ts";
import { median, readable } from "../statistics.ts";

export type PeerName = "ours" | "naive" | "pgledger";

/** Debits per second, by peer and round. pgledger is missing when its file was not named. */
export type RaceResult = { ours: number[]; naive: number[]; pgledger?: number[] };

const START_MICRO = 1_000_000_000_000n;
const IN_FLIGHT = 256;

/** The three ledgers, each in a database of its own on the one server. Made once per run of the benchmark. */
export async function createPeers(bench: Bench): Promise<Partial<Record<PeerName, WalletPeer>>> {
  return bench.once("peers", async () => {
    const pgledger = await createPgledgerPeer(bench, await bench.createDatabase());
    return {
      ours: createBatchPeer(bench, await bench.createDatabase()),
      naive: await createNaivePeer(bench, await bench.createDatabase()),
      ...(pgledger && { pgledger }),
    };
  });
}

/** Debits one micro-credit at a time from so many wallets in turn, 256 requests in flight, and checks every balance. */
export function raceDebits(bench: Bench, walletCount: number): Promise<RaceResult> {
  return bench.once(`race over ${walletCount}`, async () => {
    const peers = await createPeers(bench);
    const entries = Object.entries(peers) as [PeerName, WalletPeer][];
    const debitors = await Promise.all(
      entries.map(async ([name, peer]) => [name, await createDebitor(peer, walletCount)] as const),
    );
    const durationMs = bench.size(2_000, 400);
    const sides = debitors.map(([name, { debit }]) => [name, () => drive({ inFlight: IN_FLIGHT, durationMs }, debit)]);
    const result = await interleave(Object.fromEntries(sides), bench.options);
    for (const [, debitor] of debitors) await debitor.check();
    return result as RaceResult;
  });
}

interface Debitor {
  debit(): Promise<number>;
  /** @throws WrongResult */
  check(): Promise<void>;
}

/** Debits the wallets of one peer in turn and keeps its own books about it. */
export async function createDebitor(peer: WalletPeer, walletCount: number): Promise<Debitor> {
  const wallets = await peer.open(walletCount, START_MICRO);
  const debits = new Map(wallets.map((wallet) => [wallet, 0n]));
  let next = 0;
  return {
    async debit() {
      const wallet = wallets[next++ % wallets.length] as string;
      await peer.debit(wallet, 1n);
      debits.set(wallet, (debits.get(wallet) ?? 0n) + 1n);
      return 1;
    },
    async check() {
      const balances = await peer.balances(wallets);
      for (const [wallet, count] of debits) {
        assertExact(`The balance of ${wallet}`, balances.get(wallet) ?? -1n, START_MICRO - count);
      }
    },
  };
}

/** "31,000/s against 400/s". */
export function describeRates(above: readonly number[], below: readonly number[]): string {
  return `${readable(median(above))}/s against ${readable(median(below))}/s`;
}
