import { plainArray, type Tx } from "@guildhall/db";
import type { Posting, PostingKind } from "@guildhall/ledger";
import { describeUse, type UsedTokens } from "./describe-use.ts";
import { looksAtRows, onlyRareKinds, type TransactionFilters } from "./transaction-filters.ts";

/** A stretch of a wallet's history: its sequences are gapless, so it also says how many postings there are. */
export interface Stretch {
  /** The first sequence in it. */
  from: bigint;
  /** The first sequence after it. */
  before: bigint;
}

/** How many rows one search looks at. Beyond that it answers with what it has and where it goes on. */
const SEARCH_LIMIT = 10_000n;

/** Reads which stretch of the wallet's history lies between two times. Dates cut by the ledger's order. */
export async function readStretch(tx: Tx, { from, to }: Pick<TransactionFilters, "from" | "to">): Promise<Stretch> {
  const book = tx.organizationId;
  const [row] = await tx.sql<{ before: bigint | null; through: bigint | null }[]>`
    SELECT CASE WHEN ${from ?? null}::timestamptz IS NULL THEN 0 ELSE ledger.count_before(${book}, ${from ?? null}) END AS before,
           CASE WHEN ${to ?? null}::timestamptz IS NULL THEN (SELECT wallet_sequence FROM ledger.books WHERE book_id = ${book})
                ELSE ledger.count_before(${book}, ${to ?? null}) END AS through`;
  return { from: BigInt(row?.before ?? 0) + 1n, before: BigInt(row?.through ?? 0) + 1n };
}

/** What a search has found, and how far it has come. */
export interface Found {
  postings: Posting[];
  /** The search goes on before this sequence; null when the stretch has been looked through. */
  goesOnBefore: bigint | null;
}

type PostingRow = Omit<Posting, "attributes"> & { attributes: Posting["attributes"] | null };

/**
 * Looks through a stretch of the transaction's wallet, newest first, for up to `limit` postings. Looks at no more than
 * SEARCH_LIMIT rows, however long the history is, so a page may be short and the search still go on.
 */
export async function searchPostings(
  tx: Tx,
  filters: TransactionFilters,
  { stretch, limit }: { stretch: Stretch; limit: number },
): Promise<Found> {
  const rare = onlyRareKinds(filters);
  const from = rare || stretch.before - SEARCH_LIMIT <= stretch.from ? stretch.from : stretch.before - SEARCH_LIMIT;
  if (from >= stretch.before) return { postings: [], goesOnBefore: null };
  const looked = { from, before: stretch.before };
  const rows = rare
    ? await selectRare(tx, filters, { kinds: rare, stretch: looked, limit: limit + 1 })
    : await selectAll(tx, filters, { stretch: looked, limit: limit + 1 });
  const postings = await describe(tx, rows.slice(0, limit));
  if (rows.length > limit) return { postings, goesOnBefore: postings.at(-1)?.sequence ?? null };
  return { postings, goesOnBefore: from > stretch.from ? from : null };
}

/** Says what was used where a posting leaves it to the use of the same id to say (toCharge in the usage module). */
async function describe(tx: Tx, rows: PostingRow[]): Promise<Posting[]> {
  const silent = rows.filter(({ kind, description }) => kind === "usage" && description === "");
  const uses = await readUses(
    tx,
    silent.map(({ postingId }) => postingId),
  );
  return rows.map((row) => {
    const use = uses.get(row.postingId);
    return use ? { ...row, ...describeUse(use) } : { ...row, attributes: row.attributes ?? {} };
  });
}

interface UsedRow extends UsedTokens {
  id: string;
}

/** Ids that follow each other lie together in the index: a page of them costs a few look-ups. */
async function readUses(tx: Tx, ids: string[]): Promise<Map<string, UsedRow>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.sql<UsedRow[]>`
    SELECT id, agent, model, input_tokens AS "inputTokens", output_tokens AS "outputTokens" FROM usage_events
     WHERE organization_id = ${tx.organizationId} AND id = ANY (${plainArray(ids)}::uuid[])`;
  return new Map(rows.map((row) => [row.id, row]));
}

type Query = { stretch: Stretch; limit: number };

function selectAll(tx: Tx, filters: TransactionFilters, { stretch, limit }: Query): Promise<PostingRow[]> {
  // Planning takes twice as long as reading a page does: what is the same for every page is planned once per connection.
  keepToOrder(tx, looksAtRows(filters) ? "auto" : "force_generic_plan");
  return tx.sql<PostingRow[]>`
    SELECT ${columns(tx)} FROM ledger.postings p
     WHERE p.book_id = ${tx.organizationId} AND ${isWithin(tx, stretch)} AND ${matches(tx, filters)}
     ORDER BY p.sequence DESC LIMIT ${limit}`;
}

/**
 * Whatever the planner believes: along the sequences until the page is full, never all of a stretch and then a sort; uses by their index.
 * For the rest of the transaction. Not awaited: it travels together with the next statement. Should it fail, the transaction fails.
 */
function keepToOrder(tx: Tx, planCacheMode: "auto" | "force_generic_plan"): void {
  void tx.sql`
    SELECT set_config('plan_cache_mode', ${planCacheMode}, true), set_config('enable_sort', 'off', true),
           set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
           set_config('max_parallel_workers_per_gather', '0', true)`.execute();
}

/** One walk per kind, each along the index of what is not usage. */
function selectRare(
  tx: Tx,
  filters: TransactionFilters,
  { kinds, stretch, limit }: Query & { kinds: PostingKind[] },
): Promise<PostingRow[]> {
  return tx.sql<PostingRow[]>`
    SELECT found.* FROM unnest(${[...new Set(kinds)]}::text[]) AS wanted(kind)
     CROSS JOIN LATERAL (
       SELECT ${columns(tx)} FROM ledger.postings p
        WHERE p.book_id = ${tx.organizationId} AND p.kind = wanted.kind AND p.kind <> 'usage'
          AND ${isWithin(tx, stretch)} AND ${matches(tx, { ...filters, kinds: undefined })}
        ORDER BY p.sequence DESC LIMIT ${limit}
     ) AS found
     ORDER BY found.sequence DESC LIMIT ${limit}`;
}

function columns(tx: Tx) {
  return tx.sql`p.id AS "postingId", p.sequence, p.kind, p.description, p.actor_id AS "actorId", p.amount_micro AS "amountMicro",
    p.balance_after_micro AS "balanceAfterMicro", p.attributes, p.posted_at AS "postedAt"`;
}

function isWithin(tx: Tx, { from, before }: Stretch) {
  return tx.sql`p.sequence >= ${String(from)}::bigint AND p.sequence < ${String(before)}::bigint`;
}

function matches(tx: Tx, { kinds, member, agent, minAmountMicro, maxAmountMicro }: TransactionFilters) {
  const { sql } = tx;
  const conditions = [
    kinds && kinds.length > 0 && sql`p.kind = ANY (${kinds}::text[])`,
    member && sql`(p.attributes->>'memberId' = ${member} OR p.actor_id = ${member}::uuid)`,
    agent &&
      sql`${agent} = coalesce(p.attributes->>'agent', (
        SELECT u.agent FROM usage_events u
         WHERE p.kind = 'usage' AND p.description = '' AND u.organization_id = p.book_id AND u.id = p.id))`,
    minAmountMicro && sql`p.amount_micro >= ${minAmountMicro}::bigint`,
    maxAmountMicro && sql`p.amount_micro <= ${maxAmountMicro}::bigint`,
  ];
  return conditions.reduce<ReturnType<typeof sql>>((all, one) => (one ? sql`${all} AND ${one}` : all), sql`true`);
}
