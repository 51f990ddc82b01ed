import { type Database, type Tx, withOrganization } from "@guildhall/db";
import { users } from "@guildhall/db/schema";
import { type Balance, type Burn, type Posting, readBalance, readBurns } from "@guildhall/ledger";
import { inArray } from "drizzle-orm";
import { readStretch, type Stretch, searchPostings } from "./search-postings.ts";
import type { TransactionFilters } from "./transaction-filters.ts";

/** What an organization's wallet holds now, as decimal texts of micro-credits. */
export async function readWallet(db: Database, organizationId: string) {
  return toWire(await withOrganization(db, organizationId, (tx) => readBalance(tx, organizationId)));
}

/** A row of the wallet's history as pages and programs read it. */
export type Transaction = ReturnType<typeof toTransaction>;

/** A page of what was searched for. */
export interface TransactionPage {
  items: Transaction[];
  /** Where the next page begins; null at the end. */
  nextCursor: string | null;
  /**
   * Set when the search stopped for having looked at enough rows, before the page was full: how far back it has come. It goes on
   * with nextCursor.
   */
  searchedTo?: string;
}

/**
 * A page of the wallet's history, newest first, by keyset: `nextCursor` is the sequence that the next page begins before,
 * so that postings made meanwhile move nothing (S0.16, S0.19). The work per page is bounded, whatever is searched for.
 */
export async function listTransactions(
  db: Database,
  organizationId: string,
  page: TransactionFilters & { cursor?: string | undefined; limit: number },
): Promise<TransactionPage> {
  return withOrganization(db, organizationId, async (tx) => {
    const stretch = await readRest(tx, page);
    const { postings, goesOnBefore } = await searchPostings(tx, page, { stretch, limit: page.limit });
    const isStopped = goesOnBefore !== null && postings.length < page.limit;
    return {
      items: await toTransactions(tx, postings),
      nextCursor: goesOnBefore === null ? null : String(goesOnBefore),
      ...(isStopped && { searchedTo: await readTime(tx, goesOnBefore) }),
    };
  });
}

/** What the pages before have left. Without dates a cursor says it all, so the common page costs one look-up less. */
async function readRest(tx: Tx, page: TransactionFilters & { cursor?: string | undefined }): Promise<Stretch> {
  const cursor = page.cursor === undefined ? undefined : BigInt(page.cursor);
  if (cursor !== undefined && page.from === undefined && page.to === undefined) return { from: 1n, before: cursor };
  const stretch = await readStretch(tx, page);
  return cursor !== undefined && cursor < stretch.before ? { ...stretch, before: cursor } : stretch;
}

/** Adds the names of those who did it, and which lots were burned. */
export async function toTransactions(tx: Tx, postings: Posting[]) {
  const [names, burns] = await Promise.all([
    readActorNames(tx, postings),
    readBurns(
      tx,
      tx.organizationId,
      postings.map(({ sequence }) => sequence),
    ),
  ]);
  const burned = Map.groupBy(burns, ({ sequence }) => sequence);
  return postings.map((posting) =>
    toTransaction(posting, { names, burns: burned.get(BigInt(posting.sequence)) ?? [] }),
  );
}

async function readTime(tx: Tx, sequence: bigint): Promise<string | undefined> {
  const [row] = await tx.sql<{ at: Date }[]>`
    SELECT posted_at AS at FROM ledger.postings WHERE book_id = ${tx.organizationId} AND sequence = ${String(sequence)}`;
  return row?.at.toISOString();
}

function toWire({ balanceMicro, heldMicro, availableMicro, sequence }: Balance) {
  return {
    balanceMicro: String(balanceMicro),
    heldMicro: String(heldMicro),
    availableMicro: String(availableMicro),
    sequence: String(sequence),
  };
}

async function readActorNames(tx: Tx, postings: Posting[]): Promise<Map<string, string>> {
  const ids = [...new Set(postings.flatMap(({ actorId }) => actorId ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await tx.db.select({ id: users.id, name: users.name }).from(users).where(inArray(users.id, ids));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function toTransaction(posting: Posting, { names, burns }: { names: Map<string, string>; burns: Burn[] }) {
  return {
    id: posting.postingId,
    sequence: String(posting.sequence),
    at: posting.postedAt.toISOString(),
    kind: posting.kind,
    description: posting.description,
    actorName: (posting.actorId && names.get(posting.actorId)) || null,
    amountMicro: String(posting.amountMicro),
    balanceAfterMicro: String(posting.balanceAfterMicro),
    attributes: posting.attributes,
    /** Which lots it took credits from, in that order; below zero what it gave back to them. The rest was credit without a lot. */
    burned: burns.map(({ lotId, kind, amountMicro, expiresAt }) => ({
      ...{ lotId, kind, amountMicro: String(amountMicro) },
      expiresAt: expiresAt?.toISOString() ?? null,
    })),
  };
}
