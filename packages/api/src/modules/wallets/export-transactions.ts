import { can } from "@guildhall/auth";
import { withOrganization } from "@guildhall/db";
import { DomainError } from "@guildhall/shared";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { readActor } from "../organizations/index.ts";
import { readStretch, type Stretch, searchPostings } from "./search-postings.ts";
import { looksAtRows, type TransactionFilters } from "./transaction-filters.ts";
import { type Transaction, toTransactions } from "./wallets.queries.ts";

/** A wallet's history on its way out. */
export interface TransactionExport {
  slug: string;
  /** What is looked through. */
  stretch: Stretch;
  /** How many transactions there will be; null when only looking at each can tell. */
  totalRows: bigint | null;
  /**
   * The transactions, newest first, page by page, as they stood when the export was opened: what is posted meanwhile is left
   * out. A page may be empty while the search goes on. Each is a short transaction of its own, so a slow taker holds nothing.
   * @throws not_found, forbidden when the person may not read them any more
   */
  pages: AsyncGenerator<Transaction[]>;
}

const PAGE_SIZE = 2_000;
const PERMISSION = "transactions.read";

/**
 * Opens the export of an organization's transactions for a person. May they? is asked anew for every page.
 * @throws not_found (a stranger, too), forbidden
 */
export async function openTransactionExport(
  services: Pick<Services, "db">,
  user: User,
  { slug, filters }: { slug: string; filters: TransactionFilters },
): Promise<TransactionExport> {
  const actor = await readReader(services, user, slug);
  const { stretch, totalRows } = await withOrganization(services.db, actor.organizationId, async (tx) => {
    const found = await readStretch(tx, filters);
    return { stretch: found, totalRows: looksAtRows(filters) ? null : length(found) };
  });
  return { slug: actor.slug, stretch, totalRows, pages: readPages(services, user, { slug, filters, stretch }) };
}

interface Walk {
  slug: string;
  filters: TransactionFilters;
  stretch: Stretch;
}

async function* readPages(services: Pick<Services, "db">, user: User, walk: Walk): AsyncGenerator<Transaction[]> {
  const { slug, filters, stretch } = walk;
  for (let before: bigint | null = stretch.before; before !== null; ) {
    const rest: Stretch = { ...stretch, before };
    const { organizationId } = await readReader(services, user, slug);
    const page = await withOrganization(services.db, organizationId, async (tx) => {
      const { postings, goesOnBefore } = await searchPostings(tx, filters, { stretch: rest, limit: PAGE_SIZE });
      return { transactions: await toTransactions(tx, postings), goesOnBefore };
    });
    yield page.transactions;
    before = page.goesOnBefore;
  }
}

async function readReader(services: Pick<Services, "db">, user: User, slug: string): Promise<OrganizationActor> {
  const actor = await readActor(services.db, user, slug);
  if (!actor) throw new DomainError("not_found");
  if (!can(actor.role, PERMISSION)) throw new DomainError("forbidden", { role: actor.role, permission: PERMISSION });
  return actor;
}

function length({ from, before }: Stretch): bigint {
  return before > from ? before - from : 0n;
}
