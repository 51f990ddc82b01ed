import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { HOUR_MS, isDomainError } from "@guildhall/shared";
import fc from "fast-check";
import { expect } from "vitest";
import { type BatchWriter, createBatchWriter } from "./batch-writer.ts";
import { readLots } from "./holds-and-lots.ts";
import type { PostingRequest, PostingResult } from "./posting.ts";
import { amount, anySimple, hours, pick, place, refund } from "./testing/any-request.ts";
import { postAndCrash } from "./testing/crashing-writer.ts";
import {
  balanceOf,
  createTestClock,
  givenBook,
  hold,
  release,
  request,
  settle,
  transfer,
} from "./testing/given-book.ts";
import { type Expected, ModelLedger } from "./testing/model-ledger.ts";
import { verify } from "./verify.ts";

/** What both sides have been asked so far, so that commands can refer to it. */
interface Model {
  ledger: ModelLedger;
  asked: PostingRequest[];
  holds: PostingRequest[];
}

interface Real {
  databaseUrl: string;
  writer: BatchWriter;
  books: string[];
  clock: ReturnType<typeof createTestClock>;
}

/** Makes the requests that a command sends together, out of what has been asked before. */
type Draft = (model: Model, real: Real) => PostingRequest[];

class Ask implements fc.AsyncCommand<Model, Real> {
  readonly label: string;
  readonly draft: Draft;
  constructor(label: string, draft: Draft) {
    this.label = label;
    this.draft = draft;
  }
  check = () => true;
  toString = () => this.label;
  async run(model: Model, real: Real): Promise<void> {
    const requests = this.draft(model, real);
    const expected = model.ledger.post(requests, real.clock.now().getTime());
    const answers = await Promise.all(requests.map((one) => ask(real.writer, one)));
    expect(answers).toEqual(expected.map(withoutContent));
    remember(model, requests);
  }
}

function remember(model: Model, requests: PostingRequest[]): void {
  model.asked.push(...requests);
  model.holds.push(...requests.filter((one) => one.kind === "hold"));
}

/** Sends the same with a writer that is gone before it answers, then again with another: done once, and told as the first time. */
class CrashAndRetry implements fc.AsyncCommand<Model, Real> {
  private readonly asking: Ask;
  private readonly isCommitted: boolean;
  constructor(asking: Ask, isCommitted: boolean) {
    this.asking = asking;
    this.isCommitted = isCommitted;
  }
  check = () => true;
  toString = () => `${this.asking.label}, crash ${this.isCommitted ? "after" : "before"} the commit, and retry`;
  async run(model: Model, real: Real): Promise<void> {
    const { isCommitted } = this;
    const requests = this.asking.draft(model, real);
    for (const one of requests) {
      const [expected] = model.ledger.post([one], real.clock.now().getTime()) as [Expected];
      const { outcome, hasCrashed } = await postAndCrash({ ...real, isCommitted }, one);
      expect(outcome).toBe(hasCrashed ? "overloaded" : expected.outcome);
      const isKnown = isCommitted && expected.outcome === "accepted";
      const again = isKnown ? { ...expected, outcome: "replayed" as const } : expected;
      expect(await ask(real.writer, one)).toEqual(withoutContent(again));
    }
    remember(model, requests);
  }
}

class PassTime implements fc.AsyncCommand<Model, Real> {
  private readonly hours: number;
  constructor(hours: number) {
    this.hours = hours;
  }
  check = () => true;
  toString = () => `pass ${this.hours} h`;
  async run(_model: Model, { clock }: Real): Promise<void> {
    clock.advance(this.hours * HOUR_MS);
  }
}

async function ask(writer: BatchWriter, one: PostingRequest): Promise<unknown> {
  const result: PostingResult | { outcome: string } = await writer.post(one).catch((error: unknown) => {
    if (isDomainError(error)) return { outcome: error.code };
    throw error;
  });
  if (!("sequence" in result)) return { outcome: result.outcome };
  return { outcome: result.outcome, amount: result.amountMicro, balanceAfter: result.balanceAfterMicro };
}

function withoutContent(expected: Expected): unknown {
  if (!("amount" in expected)) return { outcome: expected.outcome };
  return { outcome: expected.outcome, amount: expected.amount, balanceAfter: expected.balanceAfter };
}

const book = fc.nat(1);
/** Requests that may go together in one batch: nothing that the lane would have to send apart. */
const simple = anySimple(book);

const single = [
  simple.map((make) => new Ask("one", (_model, real) => [make(real)])),
  fc
    .tuple(place, fc.bigInt(0n, 26n))
    .map(
      ([at, used]) =>
        new Ask(`settle ${used}`, (model) =>
          pick(model.holds, at).map((h) => settle(h.bookId, h.idempotencyKey, used)),
        ),
    ),
  place.map(
    (at) => new Ask("release", (model) => pick(model.holds, at).map((h) => release(h.bookId, h.idempotencyKey))),
  ),
  fc.tuple(place, amount).map(
    ([at, a]) =>
      new Ask(`refund ${a}`, ({ asked, ledger }) =>
        pick(
          asked.filter((one) => ledger.isUsed(one)),
          at,
        ).map((use) => refund(use, a)),
      ),
  ),
  fc
    .tuple(book, amount)
    .map(([b, a]) => new Ask(`transfer ${a}`, (_model, real) => [transfer(real.books[b]!, real.books[1 - b]!, a)])),
];

const commands = [
  ...single,
  fc
    .array(simple, { minLength: 2, maxLength: 6 })
    .map((all) => new Ask("batch", (_model, real) => all.map((make) => make(real)))),
  // What comes back to a lot that has expired meanwhile is not there for what comes after it, in the same batch either.
  fc.tuple(place, amount, fc.array(amount, { minLength: 1, maxLength: 3 })).map(
    ([at, a, spends]) =>
      new Ask(`give back, then spend ${spends}`, ({ asked, holds, ledger }) => {
        const ends = pick(holds, at).map((h) =>
          at % 3 === 0 ? settle(h.bookId, h.idempotencyKey, a) : release(h.bookId, h.idempotencyKey),
        );
        const uses = pick(
          asked.filter((one) => ledger.isUsed(one)),
          at,
        ).map((use) => refund(use, a));
        const all = at % 2 === 0 ? [...ends, ...uses] : [...uses, ...ends];
        return all.flatMap((one) => [one, ...spends.map((spent) => request(one.bookId, { amountMicro: -spent }))]);
      }),
  ),
  // A program that does not wait for the hold's answer.
  fc.tuple(book, amount, fc.bigInt(0n, 22n), hours).map(
    ([b, a, used, h]) =>
      new Ask(`hold ${a} and settle ${used} at once`, (_model, { books, clock }) => {
        const held = hold(books[b]!, a, { expiresAt: new Date(clock.now().getTime() + h * HOUR_MS) });
        return [held, settle(held.bookId, held.idempotencyKey, used)];
      }),
  ),
  place.map((at) => new Ask("retry", (model) => pick(model.asked, at))),
  place.map(
    (at) =>
      new Ask("retry with another body", (model) =>
        pick(model.asked, at).map((one) => ({ ...one, description: "Another" })),
      ),
  ),
  fc.tuple(fc.oneof(...single), fc.boolean()).map(([asking, isCommitted]) => new CrashAndRetry(asking, isCommitted)),
  hours.map((h) => new PassTime(h)),
];

pgTest(
  "any course of top-ups, debits, holds, lots, transfers, retries, crashes and time ends as the model says",
  { timeout: 300_000 },
  async ({ db, database }) => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: "+1" }), async (course) => {
        const real = await givenReal(db, database.appUrl);
        const model: Model = { ledger: new ModelLedger(), asked: [], holds: [] };
        await fc.asyncModelRun(() => ({ model, real }), course);
        await expectSame(db, model, real);
        await real.writer.stop();
      }),
      { numRuns: 60 },
    );
  },
);

async function givenReal(db: Database, databaseUrl: string): Promise<Real> {
  const clock = createTestClock();
  const books = [await givenBook(db), await givenBook(db)];
  return { databaseUrl, clock, books, writer: createBatchWriter({ db, clock, lanes: 1 }) };
}

/** Compares what is left, at the same time on both sides: nothing is due any more after a request of nothing. */
async function expectSame(db: Database, { ledger }: Model, { books, writer, clock }: Real): Promise<void> {
  await writer.expireDue();
  for (const bookId of books) {
    const wallet = ledger.wallet(bookId);
    wallet.passTime(clock.now().getTime());
    expect(await balanceOf(db, bookId)).toMatchObject({ availableMicro: wallet.available, heldMicro: wallet.held });
    const lots = await withOrganization(db, bookId, (tx) => readLots(tx, bookId));
    expect(
      sumAlike(lots.map((lot) => ({ ...lot, expiresMs: lot.expiresAt?.getTime(), remaining: lot.remainingMicro }))),
    ).toEqual(sumAlike(wallet.lots));
    expect(await verify(db, { bookId })).toEqual([]);
  }
}

/** What remains per kind and end, in the order of burning: lots that differ in nothing else may be burned either way round. */
function sumAlike(lots: { kind: string; expiresMs?: number | undefined; remaining: bigint }[]): [string, bigint][] {
  const sums = new Map<string, bigint>();
  for (const { kind, expiresMs = Number.POSITIVE_INFINITY, remaining } of lots) {
    const alike = `${kind} until ${expiresMs}`;
    if (remaining > 0n) sums.set(alike, (sums.get(alike) ?? 0n) + remaining);
  }
  return [...sums];
}
