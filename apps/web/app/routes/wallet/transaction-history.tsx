import { ReceiptText } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Transaction, TransactionPage } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { RefreshNotice } from "~/components/refresh-notice";
import { joinNewest, joinOlder, refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { TransactionTable } from "~/organization/transaction-rows";

const idOf = (transaction: Transaction) => transaction.sequence;
/** The event sums postings up: the rows are read. */
const onBalance = refetchOn<TransactionPage>("wallet.balance_changed");
const keep = (data: TransactionPage) => data;

interface TransactionHistoryProps {
  fresh: TransactionPage;
  /** Set on a page of older transactions, which does not change any more. */
  cursor: string | null;
  asOf: string;
}

/** The wallet's transactions, newest first, kept live; older ones are appended on demand. */
export function TransactionHistory({ fresh, cursor, asOf }: TransactionHistoryProps) {
  const { organization, may } = useOrganization();
  const api = useApi();
  const input = { organization: organization.slug, ...(cursor ? { cursor } : {}) };
  const { data, set, refetch, refreshError } = useLiveData({
    key: api.wallets.transactions.queryKey(input),
    fresh,
    asOf,
    merge: cursor ? keep : onBalance,
    read: () => browserApi().wallets.transactions.query(input),
    join: (shown, newest) => joinNewest(shown, newest, idOf),
  });
  const { items, nextCursor } = data;
  const loadOlder = async (before: string) => {
    const older = await browserApi().wallets.transactions.query({ organization: organization.slug, cursor: before });
    set((shown) => joinOlder(shown, older, idOf));
  };
  return (
    <Card
      title="Transactions"
      description="In credits, newest first."
      isFlush
      actions={
        cursor && (
          <ButtonLink size="sm" look="quiet" to={`/o/${organization.slug}/wallet`}>
            Back to the newest
          </ButtonLink>
        )
      }
    >
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {items.length === 0 ? (
        <EmptyState
          icon={ReceiptText}
          title="No transactions yet"
          action={may("wallet.adjust") && !cursor && <ButtonLink to="?dialog=add-credits">Add Credits</ButtonLink>}
        >
          Every credit that is added, deducted or used stands here, with its date, its reason and the balance after it.
        </EmptyState>
      ) : (
        <TransactionTable caption="Transactions" transactions={items} />
      )}
      {nextCursor && (
        <LoadMore to={`?before=${nextCursor}`} load={() => loadOlder(nextCursor)} label="Show older transactions" />
      )}
    </Card>
  );
}
