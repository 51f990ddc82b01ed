import {
  openTransactionExport,
  type RunningServices,
  type Transaction,
  transactionFilters,
} from "@guildhall/api/server";
import type { Context } from "hono";
import { csvRow, textCell } from "./csv.ts";
import { toExactCredits } from "./exact-credits.ts";
import { refuseSignedOut, streamPages } from "./export-answer.ts";
import { readInput } from "./rest-errors.ts";
import type { HttpVariables } from "./variables.ts";

export const WALLET_EXPORT_PATH = "/o/:slug/wallet/transactions.csv";

const COLUMNS = ["date", "kind", "description", "actor", "amount", "balance", "sequence"];
type ExportContext = Context<{ Variables: HttpVariables }, typeof WALLET_EXPORT_PATH>;

/**
 * Answers with a wallet's transactions as CSV, for whoever is signed in and may read them. Written as it is read, one short
 * query after the other and only as fast as it is taken; hanging up ends it. `X-Total-Rows` says how many rows will come where
 * that is known beforehand (dates alone); `X-First-Sequence` and `X-Last-Sequence` say which stretch, so that
 * the sequence of the latest row tells how far it has come, whatever the filters.
 * @throws unauthenticated, not_found, forbidden, invalid_input
 */
export function walletExport(services: RunningServices): (c: ExportContext) => Promise<Response> {
  return async function exportWallet(c) {
    const signedIn = c.get("signedIn");
    if (!signedIn) return refuseSignedOut(c);
    const slug = c.req.param("slug");
    const opened = await openTransactionExport(services, signedIn.user, { slug, filters: readFilters(c) });
    const today = services.clock.now().toISOString().slice(0, 10);
    return c.body(streamPages(opened.pages, { head: csvRow(COLUMNS), row: toRow }), 200, {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${opened.slug}-transactions-${today}.csv"`,
      "x-first-sequence": String(opened.stretch.from),
      "x-last-sequence": String(opened.stretch.before - 1n),
      ...(opened.totalRows !== null && { "x-total-rows": String(opened.totalRows) }),
    });
  };
}

/** The filters of the page's URL; `kinds` may be repeated or stand together, parted by commas. */
function readFilters(c: ExportContext) {
  const { kinds: _, ...query } = c.req.query();
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
  const kinds = (c.req.queries("kinds") ?? []).flatMap((one) => one.split(",")).filter((kind) => kind !== "");
  return readInput(transactionFilters, kinds.length > 0 ? { ...given, kinds } : given);
}

function toRow({ at, kind, description, actorName, amountMicro, balanceAfterMicro, sequence }: Transaction): string {
  const [amount, balance] = [toExactCredits(BigInt(amountMicro)), toExactCredits(BigInt(balanceAfterMicro))];
  return csvRow([at, kind, textCell(description), textCell(actorName ?? ""), amount, balance, sequence]);
}
