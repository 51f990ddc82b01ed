import { ReceiptText } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Transaction, TransactionPage } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { RefreshNotice } from "~/components/refresh-notice";
import { useLiveRows } from "~/live/use-live-rows";
import { useOrganization } from "~/organization/organization-context";
import { TransactionTable } from "~/organization/transaction-rows";

const idOf = (transaction: Transaction) => transaction.sequence;

interface TransactionHistoryProps {
  fresh: TransactionPage;
  /** Set on a page of older transactions, which does not change any more. */
  cursor: string | null;
  asOf: string;
}

/** The wallet's transactions, newest first, kept live; older ones are appended on demand. */
export function TransactionHistory({ fresh, cursor, asOf }: TransactionHistoryProps) {
  const { organization } = useOrganization();
  const api = useApi();
  const pageOf = (before?: string) => ({ organization: organization.slug, ...(before ? { cursor: before } : {}) });
  const { items, nextCursor, loadOlder, refetch, refreshError } = useLiveRows({
    key: api.wallets.transactions.queryKey(pageOf(cursor ?? undefined)),
    fresh,
    asOf,
    cursor,
    readPage: (before) => browserApi().wallets.transactions.query(pageOf(before)),
    idOf,
  });
  const newest = cursor && (
    <ButtonLink size="sm" look="quiet" to={`/o/${organization.slug}/wallet`}>
      Back to the newest
    </ButtonLink>
  );
  return (
    <Card title="Transactions" description="In credits, newest first." isFlush actions={newest}>
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {items.length === 0 ? <NoTransactions /> : <TransactionTable caption="Transactions" transactions={items} />}
      {nextCursor && (
        <LoadMore to={`?before=${nextCursor}`} load={() => loadOlder(nextCursor)} label="Show older transactions" />
      )}
    </Card>
  );
}

function NoTransactions() {
  const { may } = useOrganization();
  return (
    <EmptyState
      icon={ReceiptText}
      title="No transactions yet"
      action={may("wallet.adjust") && <ButtonLink to="?dialog=add-credits">Add Credits</ButtonLink>}
    >
      Every credit that is added, deducted or used stands here, with its date, its reason and the balance after it.
    </EmptyState>
  );
}
