import { expect, test } from "vitest";
import { auditWallet } from "./audit-wallet.ts";
import type { Outcome } from "./send-use.ts";
import type { Transaction, Wallet } from "./wallet-reads.ts";

const wallet = (availableMicro: bigint, sequence: bigint): Wallet => ({
  slug: "acme",
  organizationName: "Acme",
  availableMicro,
  sequence,
});

/** A wallet with 100 at sequence 7, and what has happened to it since; each posting may be falsified. */
function given(postings: { id: string; amount: bigint; falsified?: Partial<Transaction> }[]) {
  let [balance, sequence] = [100n, 7n];
  const history: Transaction[] = postings.map(({ id, amount, falsified }) => {
    balance += amount;
    sequence += 1n;
    return { id, sequence, amountMicro: amount, balanceAfterMicro: balance, ...falsified };
  });
  const after = wallet(balance, sequence);
  return (told: Record<string, Outcome>) =>
    auditWallet({
      before: wallet(100n, 7n),
      after,
      transactions: newestFirst(history),
      outcomes: new Map(Object.entries(told)),
    });
}

async function* newestFirst(history: Transaction[]): AsyncGenerator<Transaction> {
  yield* history.toReversed();
}

const accepted = (amountMicro: bigint): Outcome => ({ kind: "accepted", amountMicro });
const replayed = (amountMicro: bigint): Outcome => ({ kind: "replayed", amountMicro });
const refused: Outcome = { kind: "refused", code: "insufficient_balance", message: "" };
const unanswered: Outcome = { kind: "unanswered", reason: "ECONNRESET" };

test("agrees when every accepted use stands in the history once, and nothing else does", async () => {
  const audit = given([
    { id: "a", amount: -3n },
    { id: "b", amount: -4n },
  ]);
  expect(await audit({ a: accepted(3n), b: accepted(4n), c: refused, free: accepted(0n), d: unanswered })).toEqual({
    isExact: true,
    problems: [],
    fellByMicro: 7n,
    acceptedMicro: 7n,
    chargedAtRetry: 0,
    chargedUnanswered: { count: 0, sumMicro: 0n },
    others: { count: 0, sumMicro: 0n },
  });
});

test("stays exact while others add and spend", async () => {
  const audit = given([
    { id: "x", amount: 50n },
    { id: "a", amount: -3n },
    { id: "y", amount: -20n },
  ]);
  expect(await audit({ a: accepted(3n) })).toMatchObject({
    isExact: true,
    fellByMicro: -27n,
    acceptedMicro: 3n,
    others: { count: 2, sumMicro: 30n },
  });
});

test("finds a use whose answer was lost: charged once, and counted apart", async () => {
  const audit = given([
    { id: "a", amount: -3n },
    { id: "lost", amount: -4n },
  ]);
  expect(await audit({ a: accepted(3n), lost: unanswered })).toMatchObject({
    isExact: true,
    acceptedMicro: 3n,
    chargedUnanswered: { count: 1, sumMicro: 4n },
  });
});

test("a replayed use counts where it was charged: here after a lost answer, or in an earlier run", async () => {
  const audit = given([{ id: "here", amount: -3n }]);
  expect(await audit({ here: replayed(3n), earlier: replayed(9n) })).toMatchObject({
    isExact: true,
    acceptedMicro: 3n,
    chargedAtRetry: 1,
  });
});

test.each<[string, Parameters<typeof given>[0], Record<string, Outcome>, string]>([
  [
    "a use charged twice",
    [
      { id: "a", amount: -3n },
      { id: "a", amount: -3n },
    ],
    { a: accepted(3n) },
    "more than once",
  ],
  ["a use accepted and not charged", [], { a: accepted(3n) }, "not charged"],
  [
    "a use charged with another amount",
    [{ id: "a", amount: -4n }],
    { a: accepted(3n) },
    "answered with 3 and charged 4",
  ],
  ["a refused use that was charged", [{ id: "a", amount: -3n }], { a: refused }, "charged nevertheless"],
  [
    "a gap in the history",
    [
      { id: "a", amount: -3n, falsified: { sequence: 6n } },
      { id: "b", amount: -3n },
    ],
    { a: accepted(3n), b: accepted(3n) },
    "The history goes from",
  ],
  [
    "a balance that does not follow",
    [
      { id: "a", amount: -3n, falsified: { balanceAfterMicro: 98n } },
      { id: "b", amount: -3n },
    ],
    { a: accepted(3n), b: accepted(3n) },
    "leaves 98",
  ],
])("finds %s", async (_, postings, told, problem) => {
  const { isExact, problems } = await given(postings)(told);
  expect(isExact).toBe(false);
  expect(problems.join("\n")).toContain(problem);
});
