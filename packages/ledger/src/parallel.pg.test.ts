import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { HOUR_MS, isDomainError } from "@guildhall/shared";
import fc from "fast-check";
import { expect } from "vitest";
import { type BatchWriter, createBatchWriter } from "./batch-writer.ts";
import { readLots } from "./holds-and-lots.ts";
import { idOfKey } from "./idempotency-key.ts";
import type { PostingRequest, PostingResult } from "./posting.ts";
import { amount, anySimple, pick, place, refund } from "./testing/any-request.ts";
import { balanceOf, createTestClock, givenBook, release, settle, transfer } from "./testing/given-book.ts";
import { ModelLedger } from "./testing/model-ledger.ts";
import { type Row, readRows, serialOrder } from "./testing/serial-order.ts";
import { verify } from "./verify.ts";

/** What happened so far. Keys are those of `keyOf`. */
interface Course {
  books: string[];
  clock: ReturnType<typeof createTestClock>;
  writers: BatchWriter[];
  /** Reads past the walls of the wallets. */
  everything: Database;
  model: ModelLedger;
  asked: PostingRequest[];
  posted: Set<string>;
  givenBack: Set<PostingRequest>;
  firstAnswers: Map<string, unknown>;
  /** How many rows of history have been explained. */
  explained: Map<string, bigint>;
}

/** Makes a request, if there is something that it can refer to. */
type Draft = (course: Course) => PostingRequest[];
type Answer = PostingResult | { outcome: string };
interface Sent {
  one: PostingRequest;
  to: number;
}

const keyOf = ({ bookId, idempotencyKey }: PostingRequest) => `${bookId} ${idOfKey(idempotencyKey)}`;
const keyOfRow = ({ bookId, id }: Row) => `${bookId} ${id}`;
const isPosted = (course: Course) => (one: PostingRequest) => course.posted.has(keyOf(one));
const book = fc.nat(2);
const OTHER = "Another body";

const pickHold = ({ asked, ...course }: Course, at: number) =>
  pick(asked.filter((one) => one.kind === "hold" && course.posted.has(keyOf(one))).slice(-12), at);

/** A use is given back once. */
function pickUse({ asked, model, givenBack }: Course, at: number): PostingRequest[] {
  const [use] = pick(
    asked.filter((one) => model.isUsed(one) && !givenBack.has(one)),
    at,
  );
  if (!use) return [];
  givenBack.add(use);
  return [use];
}

/** Something that is over by now can be asked for again only where it happened before. */
function mayRetry(course: Course, one: PostingRequest): boolean {
  const expiresAt = (one.hold ?? one.lot)?.expiresAt;
  return isPosted(course)(one) || !expiresAt || expiresAt > course.clock.now();
}

const draft = fc.oneof(
  {
    weight: 7,
    arbitrary: anySimple(book).map(
      (make): Draft =>
        (course) => [make(course)],
    ),
  },
  fc.tuple(place, fc.bigInt(0n, 26n)).map(
    ([at, used]): Draft =>
      (course) =>
        pickHold(course, at).map((h) => settle(h.bookId, h.idempotencyKey, used)),
  ),
  place.map(
    (at): Draft =>
      (course) =>
        pickHold(course, at).map((h) => release(h.bookId, h.idempotencyKey)),
  ),
  fc.tuple(book, fc.integer({ min: 1, max: 2 }), amount).map(
    ([from, way, a]): Draft =>
      ({ books }) => [transfer(books[from]!, books[(from + way) % books.length]!, a)],
  ),
  fc.tuple(place, amount).map(
    ([at, a]): Draft =>
      (course) =>
        pickUse(course, at).map((use) => refund(use, a)),
  ),
  place.map(
    (at): Draft =>
      (course) =>
        pick(course.asked, at).filter((one) => mayRetry(course, one)),
  ),
  place.map(
    (at): Draft =>
      (course) =>
        pick(course.asked.filter(isPosted(course)), at).map((one) => ({ ...one, description: OTHER })),
  ),
);

/** What is asked at once, of one writer or of both, after some hours. */
const round = fc.record({
  hours: fc.constantFrom(0, 0, 1, 3),
  drafts: fc.array(fc.tuple(draft, fc.constantFrom([0], [1], [0, 1])), { minLength: 10, maxLength: 30, size: "max" }),
});

pgTest(
  "whatever two writers are asked at once of three wallets, with holds, lots, transfers, refunds and retries: some serial order explains every answer",
  { timeout: 120_000 },
  async ({ db, openSecondConnection, superuserDb }) => {
    const second = openSecondConnection();
    const rounds = fc.array(round, { minLength: 6, maxLength: 14, size: "max" });
    const run = fc.asyncProperty(rounds, fc.integer({ min: 3, max: 10 }), async (all, batchSize) => {
      const course = await givenCourse(db, superuserDb);
      // One of them posts by the short way, the other in a transaction with more in it.
      course.writers = [
        createBatchWriter({ db, clock: course.clock, lanes: 1, batchSize }),
        createBatchWriter({
          ...{ db: second, clock: course.clock, lanes: 2, batchSize },
          onPosted: async (tx) => void (await tx`SELECT 1`),
        }),
      ];
      for (const { hours, drafts } of all) {
        course.clock.advance(hours * HOUR_MS);
        await ask(
          course,
          drafts.flatMap(([make, to]) => make(course).flatMap((one) => to.map((writer) => ({ one, to: writer })))),
        );
      }
      await expectSame(db, course);
      await Promise.all(course.writers.map((writer) => writer.stop()));
    });
    // A smaller course seldom fails in the same way: what is found is told as it was.
    await fc.assert(run, { numRuns: 15, endOnFailure: true });
  },
);

async function givenCourse(db: Database, everything: Database): Promise<Course> {
  const books = [await givenBook(db), await givenBook(db), await givenBook(db)];
  return {
    ...{ books, everything, clock: createTestClock(), writers: [], model: new ModelLedger(), asked: [] },
    ...{ posted: new Set(), givenBack: new Set(), firstAnswers: new Map() },
    explained: new Map(books.map((bookId) => [bookId, 0n])),
  };
}

/** Asks all of it at once, then looks for the order. */
async function ask(course: Course, sent: Sent[]): Promise<void> {
  const postedBefore = new Set(course.posted);
  const answers = await Promise.all(
    sent.map(async ({ one, to }) => {
      const answer: Answer = await course.writers[to]!.post(one).catch((error: unknown) => {
        if (isDomainError(error)) return { outcome: error.code };
        throw error;
      });
      return { one, answer };
    }),
  );
  const before = course.books.map((bookId) => course.model.wallet(bookId).available);
  const rows = await readRows(course.everything, course.books);
  explain(course, sent, rows);
  const balances = new Set([...before, ...rows.map((row) => row.balanceAfterMicro)]);
  for (const { one, answer } of answers) {
    if (postedBefore.has(keyOf(one))) expect(answer.outcome).toBe(one.description === OTHER ? "conflict" : "replayed");
    expectExplained(course, rows, { one, answer, balances });
  }
  const accepted = answers.filter(({ answer }) => answer.outcome === "accepted").map(({ one }) => keyOf(one));
  expect(accepted.sort()).toEqual([...course.posted.difference(postedBefore)].sort());
  course.asked.push(...sent.map(({ one }) => one).filter((one) => one.description !== OTHER));
}

/** Lets the model do the same one after the other, in the order of the histories. */
function explain({ model, clock, posted, explained }: Course, sent: Sent[], rows: Row[]): void {
  const requests = new Map(sent.filter(({ one }) => one.description !== OTHER).map(({ one }) => [keyOf(one), one]));
  for (const row of serialOrder(rows.filter((one) => one.sequence > explained.get(one.bookId)!))) {
    const one = requests.get(keyOfRow(row));
    // What nobody asked for: the first part of a settlement, and what comes with the time.
    if (!one) expect(["release", "expiry"]).toContain(row.kind);
    else {
      expect(model.post([one], clock.now().getTime())).toMatchObject([
        { outcome: "accepted", amount: row.amountMicro, balanceAfter: row.balanceAfterMicro },
      ]);
      posted.add(keyOf(one));
    }
  }
  for (const row of rows) explained.set(row.bookId, row.sequence);
  for (const { one } of sent) {
    for (const bookId of [one.bookId, one.toBookId ?? one.bookId]) model.wallet(bookId).passTime(clock.now().getTime());
  }
}

function expectExplained(
  { model, firstAnswers }: Course,
  rows: Row[],
  { one, answer, balances }: { one: PostingRequest; answer: Answer; balances: Set<bigint> },
): void {
  const row = rows.find((other) => keyOfRow(other) === keyOf(one));
  const { outcome, ...content } = answer;
  if (outcome === "accepted" || outcome === "replayed") {
    const { sequence, amountMicro, balanceAfterMicro } = row!;
    expect(content).toMatchObject({ sequence, amountMicro, balanceAfterMicro });
    expect(content).toEqual(firstAnswers.get(keyOf(one)) ?? content);
    firstAnswers.set(keyOf(one), content);
  } else if ("balanceMicro" in answer) {
    // There was a moment with this balance, and it was too little. A settlement is told with what its own hold had set aside.
    const isKnown = one.kind === "settle" || balances.has(answer.balanceMicro);
    expect(isKnown && answer.balanceMicro < answer.requiredMicro).toBe(true);
  } else if (outcome === "conflict") expect(one.description).toBe(OTHER);
  else {
    expect(["hold_closed", "hold_exceeded"]).toContain(outcome);
    expect(row).toBeUndefined();
    if (outcome === "hold_closed") expect(model.wallet(one.bookId).endedHolds).toContain(one.holdId);
  }
}

async function expectSame(db: Database, { books, model, clock, writers }: Course): Promise<void> {
  await writers[0]!.expireDue();
  for (const bookId of books) {
    const wallet = model.wallet(bookId);
    wallet.passTime(clock.now().getTime());
    expect(await balanceOf(db, bookId)).toMatchObject({ availableMicro: wallet.available, heldMicro: wallet.held });
    const lots = await withOrganization(db, bookId, (tx) => readLots(tx, bookId));
    expect(lots.reduce((sum, lot) => sum + lot.remainingMicro, 0n)).toBe(
      wallet.lots.reduce((sum, lot) => sum + lot.remaining, 0n),
    );
    expect(await verify(db, { bookId })).toEqual([]);
  }
}
