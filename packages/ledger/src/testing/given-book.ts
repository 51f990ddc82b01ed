import { type Database, withOrganization } from "@guildhall/db";
import { type Clock, HOUR_MS, newId } from "@guildhall/shared";
import { type Balance, type OpenBookOptions, openBook, readBalance, readPostings } from "../books.ts";
import type { NewHold, Posting, PostingRequest } from "../posting.ts";

/** Opens a book of an organization that exists only by its id: the engine knows no more of it. */
export async function givenBook(db: Database, options: OpenBookOptions = {}): Promise<string> {
  const bookId = newId();
  await withOrganization(db, bookId, (tx) => openBook(tx, bookId, options));
  return bookId;
}

/** A valid request; usage of one credit unless told otherwise. */
export function request(bookId: string, changes: Partial<PostingRequest> = {}): PostingRequest {
  return {
    bookId,
    kind: "usage",
    amountMicro: -1_000_000n,
    description: "Usage",
    idempotencyKey: newId(),
    ...changes,
  };
}

/** Adds credits, in micro-credits. */
export function topUp(bookId: string, amountMicro: bigint, changes: Partial<PostingRequest> = {}): PostingRequest {
  return request(bookId, { kind: "top_up", amountMicro, description: "Credits added", ...changes });
}

/** Reserves credits, for an hour of the real clock unless told otherwise. */
export function hold(bookId: string, amountMicro: bigint, changes: Partial<NewHold> = {}): PostingRequest {
  const terms = { expiresAt: new Date(Date.now() + HOUR_MS), ...changes };
  return request(bookId, { kind: "hold", amountMicro: -amountMicro, description: "Reserved", hold: terms });
}

/** Ends a hold with the usage that it was for. */
export function settle(bookId: string, holdId: string, usedMicro: bigint): PostingRequest {
  return request(bookId, { kind: "settle", amountMicro: -usedMicro, description: "Used", holdId });
}

/** Ends a hold without usage. */
export function release(bookId: string, holdId: string): PostingRequest {
  return request(bookId, { kind: "release", amountMicro: 0n, description: "Not needed", holdId });
}

/** Gives credits to another book. */
export function transfer(bookId: string, toBookId: string, amountMicro: bigint): PostingRequest {
  return request(bookId, { kind: "transfer", amountMicro: -amountMicro, description: "Passed on", toBookId });
}

/** A clock that stands still until it is moved. Starts now. */
export function createTestClock(): Clock & { advance(ms: number): void } {
  let nowMs = Date.now();
  return {
    now: () => new Date(nowMs),
    advance(ms) {
      nowMs += ms;
    },
  };
}

export function balanceOf(db: Database, bookId: string): Promise<Balance> {
  return withOrganization(db, bookId, (tx) => readBalance(tx, bookId));
}

/** The whole history, oldest first. */
export async function historyOf(db: Database, bookId: string): Promise<Posting[]> {
  const newestFirst = await withOrganization(db, bookId, (tx) => readPostings(tx, bookId, { limit: 100_000 }));
  return newestFirst.reverse();
}
