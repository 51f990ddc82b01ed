import type { Bench } from "../bench.ts";
import { interleave } from "../interleave.ts";
import { createBatchPeer } from "../peers/batch-peer.ts";
import type { SpenderCommands, Spending, Spent } from "../processes/spender.ts";
import { startWorker } from "../processes/worker.ts";

export interface TwoProcessesResult {
  /** Answers per second of both processes together, by round. */
  clean: number[];
  mixed: number[];
  answers: number;
  wrongAnswers: number;
  firstWrong: string | null;
}

const WALLETS = 20;
const START_MICRO = 10_000_000n;
/** What the last phase finds in each wallet: little enough to be spent to the floor. */
const LAST_MICRO = 500n;

/**
 * Two processes on the same twenty wallets: clean debits, then 5% replays and 75% that no wallet can pay. At the end both
 * spend other wallets to their floor. Every answer is compared with what it has to be, every balance with the answers.
 */
export function raceTwoProcesses(bench: Bench): Promise<TwoProcessesResult> {
  return bench.once("two processes", async () => {
    const database = await bench.createDatabase();
    const peer = createBatchPeer(bench, database);
    const spenders = [1, 2].map(() => startWorker<SpenderCommands>(bench, "spender.ts"));
    for (const spender of spenders) await spender.ask("connect", database.appUrl);
    const wallets = await peer.open(WALLETS, START_MICRO);
    const all: Spent[] = [];
    const durationMs = bench.size(2_000, 400);
    const run = (shares: Pick<Spending, "replays" | "rejections">) => async () => {
      const spent = await Promise.all(
        spenders.map((spender) => spender.ask("spend", { wallets, durationMs, ...shares })),
      );
      all.push(...spent);
      return spent.reduce((sum, { answersPerSecond }) => sum + answersPerSecond, 0);
    };
    const sides = { clean: run({ replays: 0, rejections: 0 }), mixed: run({ replays: 0.05, rejections: 0.75 }) };
    const { clean, mixed } = await interleave(sides, bench.options);
    const last = await peer.open(WALLETS, LAST_MICRO);
    all.push(...(await Promise.all(spenders.map((spender) => spender.ask("deplete", last)))));
    const balances = await peer.balances([...wallets, ...last]);
    const wrongBalances = [...balances].filter(([wallet, balance]) => {
      const accepted = all.reduce((sum, spent) => sum + (spent.accepted.get(wallet) ?? 0), 0);
      return balance !== (last.includes(wallet) ? 0n : START_MICRO - BigInt(accepted)) || isOverspent(wallet, accepted);
    });
    function isOverspent(wallet: string, accepted: number): boolean {
      return last.includes(wallet) && BigInt(accepted) !== LAST_MICRO;
    }
    const wrongAnswers = all.reduce((sum, spent) => sum + spent.wrongAnswers, 0) + wrongBalances.length;
    const firstWrong = all.find((spent) => spent.firstWrong)?.firstWrong ?? wrongBalances[0]?.join(" holds ") ?? null;
    const answers = Math.round(([...clean, ...mixed].reduce((sum, rate) => sum + rate, 0) * durationMs) / 1_000);
    return { clean, mixed, answers, wrongAnswers, firstWrong };
  });
}
