import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { Minus, Plus } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { Forbidden } from "~/components/forbidden";
import { PageHeader } from "~/components/page-header";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { BalanceCard } from "./balance-card";
import { CreditsDialog } from "./credits-dialog";
import { moveCredits } from "./move-credits.server";
import { TransactionHistory } from "./transaction-history";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Wallet · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug, url }) => {
  const cursor = url.searchParams.get("before") ?? undefined;
  const maySee = organization.permissions.includes("transactions.read");
  const transactions = maySee
    ? await api.wallets.transactions.query({ organization: slug, ...(cursor ? { cursor } : {}) })
    : null;
  return { transactions, cursor: cursor ?? null };
}, "wallet.read");

export async function action({ request, context, params }: ActionFunctionArgs) {
  return moveCredits(request, context, params.slug ?? "");
}

export default function WalletPage() {
  const { transactions, cursor, asOf } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const { organization, may } = useOrganization();
  const [search] = useSearchParams();
  const dialog = search.get("dialog");
  const mayAdjust = may("wallet.adjust");
  return (
    <>
      <PageHeader
        title="Wallet"
        description="One balance for the whole organization; every movement is kept."
        actions={
          mayAdjust && (
            <>
              <ButtonLink to="?dialog=deduct-credits" preventScrollReset>
                <Minus aria-hidden className="size-4" />
                Deduct Credits
              </ButtonLink>
              <ButtonLink look="primary" to="?dialog=add-credits" preventScrollReset>
                <Plus aria-hidden className="size-4" />
                Add Credits
              </ButtonLink>
            </>
          )
        }
      />
      <div className="grid gap-6">
        <BalanceCard />
        {transactions ? (
          <TransactionHistory fresh={transactions} cursor={cursor} asOf={asOf} />
        ) : (
          <Card title="Transactions" isFlush>
            <Forbidden what="Transactions" permission="transactions.read" role={organization.role} />
          </Card>
        )}
      </div>
      {mayAdjust && dialog === "add-credits" && <CreditsDialog kind="add-credits" answer={answer} />}
      {mayAdjust && dialog === "deduct-credits" && <CreditsDialog kind="deduct-credits" answer={answer} />}
    </>
  );
}
