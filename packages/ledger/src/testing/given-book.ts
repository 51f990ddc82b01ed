import { type Database, withOrganization } from "@guildhall/db";
import { newId } from "@guildhall/shared";
import { type Balance, type OpenBookOptions, openBook, readBalance, readPostings } from "../books.ts";
import type { Posting, PostingRequest } from "../posting.ts";

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

export function balanceOf(db: Database, bookId: string): Promise<Balance> {
  return withOrganization(db, bookId, (tx) => readBalance(tx, bookId));
}

/** The whole history, oldest first. */
export async function historyOf(db: Database, bookId: string): Promise<Posting[]> {
  const newestFirst = await withOrganization(db, bookId, (tx) => readPostings(tx, bookId, { limit: 100_000 }));
  return newestFirst.reverse();
}
