import { useRevalidator } from "@remix-run/react";
import { FileText, ListFilter, ReceiptText, SearchX } from "lucide-react";
import { useMemo } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Member, Transaction, TransactionPage } from "~/api/types";
import { Button, ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { Notice } from "~/components/notice";
import { RefreshNotice } from "~/components/refresh-notice";
import { Time } from "~/components/time";
import { DownloadLink } from "~/downloads/download-tray";
import { type Merge, REFETCH } from "~/live/merge";
import { joinNewest, joinOlder } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { TransactionTable } from "~/organization/transaction-rows";
import { TransactionFilter } from "./filter-form";
import { exportPath, type ReadFilters, toSearch } from "./transaction-filters";

/** A page as it is shown. With filters on, what comes later is only announced: it may not belong here. */
type Shown = TransactionPage & { hasNewer?: boolean };

const idOf = (transaction: Transaction) => transaction.sequence;

interface TransactionHistoryProps {
  /** Null when the filters cannot be read. */
  fresh: TransactionPage | null;
  filters: ReadFilters;
  members: Pick<Member, "userId" | "name">[];
  /** Set on a page of older transactions, which does not change any more. */
  cursor: string | null;
  asOf: string;
}

/** The wallet's transactions, newest first, with what can be looked for in them. */
export function TransactionHistory(props: TransactionHistoryProps) {
  const { fresh, filters, members, cursor } = props;
  const { organization } = useOrganization();
  const path = `/o/${organization.slug}/wallet`;
  const search = toSearch(filters.typed);
  return (
    <Card
      title="Transactions"
      description="In credits, newest first."
      isFlush
      actions={
        <>
          {cursor && (
            <ButtonLink size="sm" look="quiet" to={path + search}>
              Back to the newest
            </ButtonLink>
          )}
          <ButtonLink size="sm" to={`${path}/statements`}>
            <FileText aria-hidden className="size-4" />
            Statements
          </ButtonLink>
          {fresh && (
            <DownloadLink
              url={exportPath(organization.slug, filters.input)}
              label={`Transactions of ${organization.name}`}
            >
              Export CSV
            </DownloadLink>
          )}
        </>
      }
    >
      <TransactionFilter filters={filters} members={members} path={path} />
      {fresh ? (
        <TransactionList key={`${search} ${cursor}`} {...props} fresh={fresh} path={path} />
      ) : (
        <EmptyState icon={ListFilter} title="Nothing was looked for">
          A filter cannot be read. Correct what is marked above.
        </EmptyState>
      )}
    </Card>
  );
}

function TransactionList(props: TransactionHistoryProps & { fresh: TransactionPage; path: string }) {
  const { filters, path } = props;
  const { data, loadOlder, refetch, refreshError } = useTransactions(props);
  const { items, nextCursor, searchedTo, hasNewer } = data;
  return (
    <>
      <RefreshNotice message={refreshError} onRetry={refetch} />
      <div role="status">{hasNewer && <NewerNotice />}</div>
      {items.length > 0 ? (
        <TransactionTable caption="Transactions" transactions={items} />
      ) : (
        <NoTransactions {...props} searchedTo={searchedTo} />
      )}
      {nextCursor && (
        <Further
          searchedTo={items.length > 0 ? searchedTo : undefined}
          to={path + toSearch(filters.typed, { before: nextCursor })}
          load={() => loadOlder(nextCursor)}
          isSearch={searchedTo !== undefined}
        />
      )}
    </>
  );
}

/** The rows as the loader read them, then as they come. Older ones are appended on demand. */
function useTransactions({ fresh, filters, cursor, asOf }: TransactionHistoryProps & { fresh: TransactionPage }) {
  const { organization } = useOrganization();
  const api = useApi();
  const isFixed = cursor !== null;
  const pageOf = (before: string | null) => ({
    ...{ organization: organization.slug, ...filters.input },
    ...(before ? { cursor: before } : {}),
  });
  const live = useLiveData<Shown>({
    key: api.wallets.transactions.queryKey(pageOf(cursor)),
    fresh,
    asOf,
    merge: useMemo(() => mergeTransactions({ isFixed, isFiltered: filters.isActive }), [isFixed, filters.isActive]),
    read: () => browserApi().wallets.transactions.query(pageOf(cursor)),
    join: (shown, newest) => joinNewest(shown, newest, idOf),
  });
  const loadOlder = async (before: string) => {
    const older = await browserApi().wallets.transactions.query(pageOf(before));
    // How far the search has come is said anew by each part.
    live.set((shown) => {
      const joined = joinOlder(shown, { before, older, idOf });
      if (joined === shown) return shown;
      return {
        ...joined,
        hasNewer: shown.hasNewer ?? false,
        ...(older.searchedTo ? { searchedTo: older.searchedTo } : {}),
      };
    });
  };
  return { ...live, loadOlder };
}

function NewerNotice() {
  const { revalidate } = useRevalidator();
  return (
    <Notice
      className="m-3"
      title="There are new transactions"
      actions={
        <Button size="sm" onClick={revalidate}>
          Look again
        </Button>
      }
    >
      Some of them may match the filters.
    </Notice>
  );
}

interface FurtherProps {
  searchedTo: string | undefined;
  isSearch: boolean;
  to: string;
  load: () => Promise<void>;
}

/** The way to older rows. A search that stopped for having looked at enough rows says how far it has come. */
function Further({ searchedTo, isSearch, to, load }: FurtherProps) {
  return (
    <>
      {searchedTo && (
        <p className="border-line border-t px-4 pt-3 text-center text-ink-muted text-sm">
          Searched back to <Time at={searchedTo} />. There may be more before that.
        </p>
      )}
      <LoadMore to={to} load={load} label={isSearch ? "Search further back" : "Show older transactions"} />
    </>
  );
}

/** An empty wallet is no fault; a search without a match offers the way back; one that goes on says so. */
function NoTransactions({ filters, cursor, path, searchedTo }: Parameters<typeof TransactionList>[0] & Searched) {
  const { may } = useOrganization();
  if (searchedTo) {
    return (
      <EmptyState icon={SearchX} title="Nothing found so far">
        Searched back to <Time at={searchedTo} />. The history goes on before that.
      </EmptyState>
    );
  }
  if (filters.isActive) {
    return (
      <EmptyState
        icon={SearchX}
        title="No transaction matches"
        action={
          <ButtonLink to={path} preventScrollReset>
            Show all transactions
          </ButtonLink>
        }
      >
        The whole history was searched. Remove a filter, or look at a longer time.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={ReceiptText}
      title="No transactions yet"
      action={
        may("wallet.adjust") &&
        !cursor && (
          <ButtonLink to="?dialog=add-credits" preventScrollReset>
            Add Credits
          </ButtonLink>
        )
      }
    >
      Every credit that is added, deducted or used stands here, with its date, its reason and the balance after it.
    </EmptyState>
  );
}

interface Searched {
  searchedTo: string | undefined;
}

/** The event sums postings up, so the newest rows are read; a filtered list is only marked, and an older page stays. */
function mergeTransactions({ isFixed, isFiltered }: { isFixed: boolean; isFiltered: boolean }): Merge<Shown> {
  return (data, event) => {
    if (isFixed || event.type !== "wallet.balance_changed") return data;
    if (!isFiltered) return REFETCH;
    return data.hasNewer ? data : { ...data, hasNewer: true };
  };
}
