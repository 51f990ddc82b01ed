import { type Tx, withOrganization } from "@guildhall/db";
import type { PostingKind } from "@guildhall/ledger";
import { z } from "zod";
import type { Services } from "../../trpc/context.ts";
import { readStretch, type Stretch } from "./search-postings.ts";
import { transactionKinds } from "./transaction-filters.ts";

/** A calendar month, as "2026-11". */
export const month = z.string().regex(/^(?!0000)\d{4}-(?:0[1-9]|1[0-2])$/, "Give a month like 2026-11.");

/** What a wallet did in a month of UTC. Amounts are decimal texts of micro-credits, as the history's balance column counts. */
export interface Statement {
  month: string;
  /** What could be spent when the month began. */
  openingMicro: string;
  /** When it ended; of the running month, now. opening + all totals. */
  closingMicro: string;
  totals: { kind: PostingKind; count: number; amountMicro: string }[];
  timeZone: "UTC";
  /** False for the running month and those to come: the figures will still change. */
  isFinal: boolean;
}

/**
 * Reads a month's statement. Months join without gap or overlap: one's closing is the next one's opening. Costs the same
 * for any number of uses, since usage is what remains when the other kinds are taken off.
 */
export async function readStatement(
  { db, clock }: Pick<Services, "db" | "clock">,
  organizationId: string,
  ofMonth: string,
): Promise<Statement> {
  const [from, to] = [startOf(ofMonth), startOf(nextMonth(ofMonth))];
  return withOrganization(db, organizationId, async (tx) => {
    const stretch = await readStretch(tx, { from: from.toISOString(), to: to.toISOString() });
    const opening = await readBalanceAt(tx, stretch.from - 1n);
    const closing = stretch.before > stretch.from ? await readBalanceAt(tx, stretch.before - 1n) : opening;
    const besides = await sumBesidesUsage(tx, stretch);
    const usage = remainder({ stretch, changeMicro: closing - opening, besides });
    const byKind = new Map([...besides, usage].map((total) => [total.kind, total]));
    return {
      month: ofMonth,
      openingMicro: String(opening),
      closingMicro: String(closing),
      totals: transactionKinds.flatMap((kind) => {
        const total = byKind.get(kind);
        return total && total.count > 0n
          ? { kind, count: Number(total.count), amountMicro: String(total.amountMicro) }
          : [];
      }),
      timeZone: "UTC",
      isFinal: to <= clock.now(),
    };
  });
}

/** The months that a wallet has statements for, newest first: from its first posting to now. */
export async function listStatementMonths(
  { db, clock }: Pick<Services, "db" | "clock">,
  organizationId: string,
): Promise<string[]> {
  const [first] = await withOrganization(
    db,
    organizationId,
    (tx) => tx.sql<{ at: Date }[]>`
      SELECT posted_at AS at FROM ledger.postings WHERE book_id = ${organizationId} AND sequence = 1`,
  );
  const last = monthOf(clock.now());
  const months: string[] = [];
  for (let one = first ? monthOf(first.at) : last; one <= last; one = nextMonth(one)) months.unshift(one);
  return months;
}

interface Total {
  kind: PostingKind;
  count: bigint;
  amountMicro: bigint;
}

async function readBalanceAt(tx: Tx, sequence: bigint): Promise<bigint> {
  const [row] = await tx.sql<{ balance: bigint }[]>`
    SELECT balance_after_micro AS balance FROM ledger.postings
     WHERE book_id = ${tx.organizationId} AND sequence = ${String(sequence)}`;
  return row?.balance ?? 0n;
}

/** Read from the index alone. */
function sumBesidesUsage(tx: Tx, { from, before }: Stretch): Promise<Total[]> {
  return tx.sql<Total[]>`
    SELECT wanted.kind, total.count, total."amountMicro"
      FROM unnest(${transactionKinds.filter((kind) => kind !== "usage")}::text[]) AS wanted(kind)
     CROSS JOIN LATERAL (
       SELECT count(*) AS count, coalesce(sum(p.amount_micro), 0)::bigint AS "amountMicro" FROM ledger.postings p
        WHERE p.book_id = ${tx.organizationId} AND p.kind = wanted.kind AND p.kind <> 'usage'
          AND p.sequence >= ${String(from)}::bigint AND p.sequence < ${String(before)}::bigint
     ) AS total`;
}

function remainder({
  stretch,
  changeMicro,
  besides,
}: {
  stretch: Stretch;
  changeMicro: bigint;
  besides: Total[];
}): Total {
  const sum = (values: bigint[]) => values.reduce((all, one) => all + one, 0n);
  const all = stretch.before > stretch.from ? stretch.before - stretch.from : 0n;
  return {
    kind: "usage",
    count: all - sum(besides.map(({ count }) => count)),
    amountMicro: changeMicro - sum(besides.map(({ amountMicro }) => amountMicro)),
  };
}

function startOf(ofMonth: string): Date {
  return new Date(`${ofMonth}-01T00:00:00Z`);
}

function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

function nextMonth(ofMonth: string): string {
  const [year = 0, number = 0] = ofMonth.split("-").map(Number);
  return number === 12
    ? `${String(year + 1).padStart(4, "0")}-01`
    : `${ofMonth.slice(0, 5)}${String(number + 1).padStart(2, "0")}`;
}
