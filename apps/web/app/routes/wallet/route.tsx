import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { Minus, Plus } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink, DisabledButton } from "~/components/button";
import { Card } from "~/components/card";
import { Forbidden } from "~/components/forbidden";
import { PageHeader } from "~/components/page-header";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { holdersOf } from "~/organization/roles";
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

export const clientAction = keepWhenUnreachable;

export default function WalletPage() {
  const { transactions, cursor, asOf } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organization, may } = useOrganization();
  const [search] = useSearchParams();
  const dialog = search.get("dialog");
  const mayAdjust = may("wallet.adjust");
  return (
    <>
      <PageHeader
        title="Wallet"
        description="One balance for the whole organization; every movement is kept."
        actions={<WalletActions />}
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

/** Who may see the transactions but not move credits is told who may; to others it would mean nothing. */
function WalletActions() {
  const { may } = useOrganization();
  if (!may("transactions.read")) return null;
  if (!may("wallet.adjust")) {
    return (
      <DisabledButton reason={`Only ${holdersOf("wallet.adjust")} can add or deduct credits.`}>
        <Plus aria-hidden className="size-4" />
        Add Credits
      </DisabledButton>
    );
  }
  return (
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
  );
}
