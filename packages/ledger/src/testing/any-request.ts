import { type Clock, HOUR_MS } from "@guildhall/shared";
import fc from "fast-check";
import type { PostingRequest } from "../posting.ts";
import { hold, request, topUp } from "./given-book.ts";

/** What a request is made for. */
export interface Surroundings {
  books: string[];
  clock: Clock;
}

/** A few micro-credits: little enough that wallets are empty often. */
export const amount = fc.bigInt(1n, 20n);
/** Which of the things so far, by `pick`. */
export const place = fc.nat(1_000);
export const hours = fc.integer({ min: 1, max: 6 });
const lotKind = fc.constantFrom("promotional" as const, "paid" as const);

/** Requests that refer to none before them, for one of the books of these places. */
export function anySimple(book: fc.Arbitrary<number>): fc.Arbitrary<(given: Surroundings) => PostingRequest> {
  const spend = fc.tuple(book, amount).map(
    ([b, a]) =>
      ({ books }: Surroundings) =>
        request(books[b]!, { amountMicro: -a }),
  );
  return fc.oneof(
    fc.tuple(book, amount).map(
      ([b, a]) =>
        ({ books }: Surroundings) =>
          topUp(books[b]!, a),
    ),
    fc.tuple(book, amount, lotKind, fc.option(hours)).map(([b, a, kind, h]) => ({ books, clock }: Surroundings) => {
      const expiresAt = h === null ? {} : { expiresAt: inHours(clock, h) };
      return topUp(books[b]!, a, { lot: { kind, ...expiresAt } });
    }),
    spend,
    spend,
    fc.tuple(book, amount, fc.bigInt(0n, 5n), hours).map(
      ([b, a, toleranceMicro, h]) =>
        ({ books, clock }: Surroundings) =>
          hold(books[b]!, a, { toleranceMicro, expiresAt: inHours(clock, h) }),
    ),
  );
}

function inHours(clock: Clock, h: number): Date {
  return new Date(clock.now().getTime() + h * HOUR_MS);
}

/** Gives back a part of a use, or all of it. */
export function refund({ bookId, idempotencyKey, amountMicro }: PostingRequest, micro: bigint): PostingRequest {
  const given = micro < -amountMicro ? micro : -amountMicro;
  return request(bookId, { kind: "refund", amountMicro: given, refundOf: idempotencyKey });
}

/** One of the list, or none when there is none. */
export function pick<T>(list: readonly T[], at: number): T[] {
  return list.length === 0 ? [] : [list[at % list.length]!];
}
