import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { WalletMinimal } from "lucide-react";
import { readForPage } from "~/api/session.server";
import { Balance, LastKnown } from "~/components/balance";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { LoadMore } from "~/components/load-more";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { TransactionTable } from "~/organization/transaction-rows";
import { usePersonalWallet } from "./use-personal-wallet";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Your wallet · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const cursor = new URL(request.url).searchParams.get("before");
  const { personalWallet } = context.api;
  const wallet = await readForPage(request, context, async () => {
    const [summary, transactions] = await Promise.all([
      personalWallet.summary.query(),
      personalWallet.transactions.query(cursor ? { cursor } : {}),
    ]);
    return { summary, transactions };
  });
  return { wallet, cursor };
}

/** The reader's own wallet, in no organization: what was passed to them, and what they made of it. */
export default function PersonalWalletPage() {
  const { wallet, cursor } = useLoaderData<typeof loader>();
  const { summary, transactions, loadOlder, refreshError, refetch } = usePersonalWallet(wallet, cursor);
  const { items, nextCursor } = transactions;
  return (
    <>
      <PageHeader title="Your wallet" description="Credits of your own. No organization sees or moves them." />
      <div className="grid gap-6">
        <section aria-label="Balance" className="rounded-lg border border-line bg-surface p-4 md:p-5">
          <p className="flex flex-wrap items-center gap-x-2 text-ink-muted text-sm">
            Balance <LastKnown />
          </p>
          <p className="mt-1 flex flex-wrap items-baseline gap-x-2">
            <Balance amountMicro={summary.balanceMicro} className="font-semibold text-figure tracking-tight" />
            <span className="text-ink-muted">credits</span>
          </p>
        </section>
        <Card
          title="Transactions"
          description="In credits, newest first."
          isFlush
          actions={
            cursor && (
              <ButtonLink size="sm" look="quiet" to="/settings/wallet">
                Back to the newest
              </ButtonLink>
            )
          }
        >
          <RefreshNotice message={refreshError} onRetry={refetch} />
          {items.length === 0 ? (
            <EmptyState icon={WalletMinimal} title="Nothing in it yet">
              An owner or a billing admin of one of your organizations can transfer credits to you. They then stand
              here.
            </EmptyState>
          ) : (
            <TransactionTable key={cursor} caption="Transactions" transactions={items} />
          )}
          {nextCursor && (
            <LoadMore to={`?before=${nextCursor}`} load={() => loadOlder(nextCursor)} label="Show older transactions" />
          )}
        </Card>
      </div>
    </>
  );
}
