import { openDatabase } from "@guildhall/db";
import { createBatchWriter, type PostingRequest, type PostingResult } from "@guildhall/ledger";
import { newId } from "@guildhall/shared";
import { drive } from "../drive.ts";
import { serveCommands } from "./worker.ts";

export interface Spending {
  wallets: string[];
  durationMs: number;
  /** Shares of the requests, 0 to 1: repeated under the same key, and beyond what any wallet holds. */
  replays: number;
  rejections: number;
}

export interface Spent {
  answersPerSecond: number;
  /** Answers that were not what they had to be. */
  wrongAnswers: number;
  firstWrong: string | null;
  /** Accepted debits of one micro-credit each, per wallet. */
  accepted: Map<string, number>;
}

export type SpenderCommands = {
  connect(url: string): Promise<void>;
  spend(spending: Spending): Promise<Spent>;
  /** Spends one micro-credit at a time until every wallet says that it is empty. */
  deplete(wallets: string[]): Promise<Spent>;
};

const IN_FLIGHT = 256;
const BEYOND_ANY_WALLET = 900_000_000_000_000n;
/** Accepted requests that are kept to be repeated. */
const REMEMBERED = 1_000;

type Accepted = Extract<PostingResult, { outcome: "accepted" | "replayed" }>;

let writer: ReturnType<typeof createBatchWriter> | undefined;

function post(request: PostingRequest): Promise<PostingResult> {
  if (!writer) throw new Error("Not connected.");
  return writer.post(request);
}

function debit(bookId: string, amountMicro = 1n): PostingRequest {
  return { bookId, kind: "usage", amountMicro: -amountMicro, description: "Race", idempotencyKey: newId() };
}

async function spend({ wallets, durationMs, replays, rejections }: Spending): Promise<Spent> {
  const books = createBooks();
  const done: { request: PostingRequest; result: Accepted }[] = [];
  const answersPerSecond = await drive({ inFlight: IN_FLIGHT, durationMs }, async (n) => {
    const dice = Math.random();
    const wallet = wallets[n % wallets.length] as string;
    const earlier = done[Math.floor(Math.random() * done.length)];
    if (dice < replays && earlier) {
      books.checkReplay(earlier.result, await post(earlier.request));
    } else if (dice < replays + rejections) {
      books.check("insufficient", await post(debit(wallet, BEYOND_ANY_WALLET)));
    } else {
      const request = debit(wallet);
      const result = await post(request);
      books.check("accepted", result, wallet);
      if (result.outcome === "accepted")
        done[n % REMEMBERED < done.length ? n % REMEMBERED : done.length] = { request, result };
    }
    return 1;
  });
  return { answersPerSecond, ...books.read() };
}

async function deplete(wallets: string[]): Promise<Spent> {
  const books = createBooks();
  const drain = async (wallet: string) => {
    for (;;) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(debit(wallet))));
      for (const answer of answers)
        books.check(answer.outcome === "insufficient" ? "insufficient" : "accepted", answer, wallet);
      if (answers.some(({ outcome }) => outcome === "insufficient")) return;
    }
  };
  await Promise.all(wallets.map(drain));
  return { answersPerSecond: 0, ...books.read() };
}

/** Counts what came and what should not have come. */
function createBooks() {
  const accepted = new Map<string, number>();
  let wrongAnswers = 0;
  let firstWrong: string | null = null;
  const blame = (text: string) => {
    wrongAnswers += 1;
    firstWrong ??= text;
  };
  return {
    read: () => ({ accepted, wrongAnswers, firstWrong }),
    check(expected: PostingResult["outcome"], result: PostingResult, wallet?: string) {
      if (result.outcome !== expected) blame(`${result.outcome} instead of ${expected}`);
      if (result.outcome === "accepted" && wallet) accepted.set(wallet, (accepted.get(wallet) ?? 0) + 1);
    },
    checkReplay(first: Accepted, again: PostingResult) {
      if (again.outcome !== "replayed") blame(`${again.outcome} instead of replayed`);
      else if (again.sequence !== first.sequence || again.balanceAfterMicro !== first.balanceAfterMicro) {
        blame(`a replay said ${again.sequence}, the first answer ${first.sequence}`);
      }
    },
  };
}

serveCommands({
  async connect(url) {
    writer = createBatchWriter({ db: openDatabase({ url, applicationName: "guildhall-bench-spender" }) });
  },
  spend,
  deplete,
} satisfies SpenderCommands);
