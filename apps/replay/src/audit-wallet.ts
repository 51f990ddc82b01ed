import type { Outcome } from "./send-use.ts";
import type { Transaction, Wallet } from "./wallet-reads.ts";

/** What the wallet's own history says about a run. */
export interface Audit {
  /** True when nothing at all is at odds. */
  isExact: boolean;
  /** What is at odds, in sentences; the first few. */
  problems: string[];
  /** By how much the wallet fell, in micro-credits. */
  fellByMicro: bigint;
  /** The sum of the accepted, as the run was told. */
  acceptedMicro: bigint;
  /** How many of the replayed were charged in this run after all: their first answer was lost and their retry answered. */
  chargedAtRetry: number;
  /** Debits of the run whose answer was lost: charged nevertheless, once. */
  chargedUnanswered: { count: number; sumMicro: bigint };
  /** What others did with the wallet meanwhile; below zero took. */
  others: { count: number; sumMicro: bigint };
}

interface AuditInput {
  before: Wallet;
  after: Wallet;
  /** Every transaction between the two, newest first. */
  transactions: AsyncIterable<Transaction>;
  /** What became of every use that was sent, by its key. */
  outcomes: ReadonlyMap<string, Outcome>;
}

const SHOWN_PROBLEMS = 10;

/**
 * Compares what a run was told with the wallet's history between two readings. Exact even while others spend: the history has
 * a sequence without gaps, so every transaction is either one of the run's or somebody else's, and each of the run's must
 * stand there once with the amount that was answered, none that was refused, and every running balance must follow from
 * the one before it.
 */
export async function auditWallet(input: AuditInput): Promise<Audit> {
  const { before, after, outcomes } = input;
  const problems: string[] = [];
  const tally = new Tally(outcomes, problems);
  let expected = { sequence: after.sequence, balanceMicro: after.availableMicro };
  for await (const transaction of input.transactions) {
    const { sequence, amountMicro, balanceAfterMicro } = transaction;
    if (sequence !== expected.sequence)
      problems.push(`The history goes from ${expected.sequence + 1n} to ${sequence}.`);
    if (balanceAfterMicro !== expected.balanceMicro) {
      problems.push(
        `Transaction ${sequence} leaves ${balanceAfterMicro}, but the next one starts from ${expected.balanceMicro}.`,
      );
    }
    expected = { sequence: sequence - 1n, balanceMicro: balanceAfterMicro - amountMicro };
    tally.count(transaction);
  }
  if (expected.sequence !== before.sequence || expected.balanceMicro !== before.availableMicro) {
    problems.push(
      `The history leads back to ${expected.balanceMicro} at ${expected.sequence}, not to where the run began.`,
    );
  }
  const sums = tally.finish();
  const { acceptedMicro, chargedUnanswered, others } = sums;
  const fellByMicro = before.availableMicro - after.availableMicro;
  if (fellByMicro !== acceptedMicro + chargedUnanswered.sumMicro - others.sumMicro) {
    problems.push(`The wallet fell by ${fellByMicro}, which is not the sum of what is known.`);
  }
  const isExact = problems.length === 0;
  return { isExact, problems: problems.slice(0, SHOWN_PROBLEMS), fellByMicro, ...sums };
}

/** Assigns transactions to the run's uses, each to one. */
class Tally {
  readonly #outcomes: ReadonlyMap<string, Outcome>;
  readonly #problems: string[];
  readonly #found = new Set<string>();
  readonly #chargedUnanswered = { count: 0, sumMicro: 0n };
  readonly #others = { count: 0, sumMicro: 0n };

  constructor(outcomes: ReadonlyMap<string, Outcome>, problems: string[]) {
    this.#outcomes = outcomes;
    this.#problems = problems;
  }

  count({ id, sequence, amountMicro }: Transaction): void {
    const outcome = this.#outcomes.get(id);
    if (!outcome) {
      this.#others.count += 1;
      this.#others.sumMicro += amountMicro;
      return;
    }
    if (this.#found.has(id)) this.#problems.push(`${id} was charged more than once (transaction ${sequence}).`);
    this.#found.add(id);
    if (outcome.kind === "refused")
      this.#problems.push(`${id} was refused (${outcome.code}) and charged nevertheless.`);
    if (outcome.kind === "unanswered") {
      this.#chargedUnanswered.count += 1;
      this.#chargedUnanswered.sumMicro -= amountMicro;
    } else if ("amountMicro" in outcome && -amountMicro !== outcome.amountMicro) {
      this.#problems.push(`${id} was answered with ${outcome.amountMicro} and charged ${-amountMicro}.`);
    }
  }

  finish() {
    let acceptedMicro = 0n;
    let chargedAtRetry = 0;
    for (const [id, outcome] of this.#outcomes) {
      const isFound = this.#found.has(id);
      if (outcome.kind === "replayed" && isFound) chargedAtRetry += 1;
      if (outcome.kind !== "accepted" && !(outcome.kind === "replayed" && isFound)) continue;
      acceptedMicro += outcome.amountMicro;
      if (outcome.amountMicro > 0n && !isFound) this.#problems.push(`${id} was accepted and not charged.`);
    }
    return { acceptedMicro, chargedAtRetry, chargedUnanswered: this.#chargedUnanswered, others: this.#others };
  }
}
