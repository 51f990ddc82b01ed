import { ReceiptText } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { TransactionPage } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { Forbidden } from "~/components/forbidden";
import { RefreshNotice } from "~/components/refresh-notice";
import { aheadOf } from "~/frame/prefetch";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { TransactionTable } from "~/organization/transaction-rows";

const onBalance = refetchOn<TransactionPage>("wallet.balance_changed");

interface RecentActivityProps {
  fresh: TransactionPage | null;
  asOf: string;
  limit: number;
}

/** The last movements of the wallet. */
export function RecentActivity({ fresh, asOf, limit }: RecentActivityProps) {
  const { organization } = useOrganization();
  return (
    <Card
      title="Recent activity"
      isFlush
      actions={
        fresh && (
          <ButtonLink
            look="quiet"
            size="sm"
            to={`/o/${organization.slug}/wallet`}
            {...aheadOf(`/o/${organization.slug}/wallet`)}
          >
            All transactions
          </ButtonLink>
        )
      }
    >
      {fresh ? (
        <RecentTransactions fresh={fresh} asOf={asOf} limit={limit} />
      ) : (
        <Forbidden what="Transactions" permission="transactions.read" role={organization.role} />
      )}
    </Card>
  );
}

function RecentTransactions({ fresh, asOf, limit }: RecentActivityProps & { fresh: TransactionPage }) {
  const { organization, may } = useOrganization();
  const api = useApi();
  const input = { organization: organization.slug, limit };
  const { data, refetch, refreshError } = useLiveData({
    key: api.wallets.transactions.queryKey(input),
    fresh,
    asOf,
    merge: onBalance,
    read: () => browserApi().wallets.transactions.query(input),
  });
  return (
    <>
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {data.items.length === 0 ? (
        <EmptyState
          icon={ReceiptText}
          title="Nothing has moved yet"
          action={
            may("wallet.adjust") && (
              <ButtonLink to={`/o/${organization.slug}/wallet?dialog=add-credits`}>Add Credits</ButtonLink>
            )
          }
        >
          Credits that are added, deducted or used show up here as they happen.
        </EmptyState>
      ) : (
        <TransactionTable isBrief caption="Recent transactions" transactions={data.items} />
      )}
    </>
  );
}
