import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { ArrowRightLeft, Minus, Plus } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink, DisabledButton } from "~/components/button";
import { Card } from "~/components/card";
import { Forbidden } from "~/components/forbidden";
import { PageHeader } from "~/components/page-header";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { holdersOf } from "~/organization/roles";
import { AllowanceCard } from "./allowance-card";
import { BalanceCard } from "./balance-card";
import { CreditsDialog } from "./credits-dialog";
import { moveCredits } from "./move-credits.server";
import { readFilters } from "./transaction-filters";
import { TransactionHistory } from "./transaction-history";
import { TransferDialog } from "./transfer-dialog";
import { useDialogPaths } from "./use-dialog-paths";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Wallet · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug, url }) => {
  const cursor = url.searchParams.get("before") ?? undefined;
  const maySee = organization.permissions.includes("transactions.read");
  const filters = readFilters(url.searchParams);
  const isReadable = Object.keys(filters.errors).length === 0;
  const of = { organization: slug };
  const mayAdjust = organization.permissions.includes("wallet.adjust");
  const [transactions, members, lots, holds, allowance, price] = await Promise.all([
    maySee && isReadable
      ? api.wallets.transactions.query({ ...of, ...filters.input, ...(cursor ? { cursor } : {}) })
      : null,
    maySee ? api.members.list.query(of) : [],
    api.wallets.lots.query(of),
    api.wallets.holds.query(of),
    api.allowances.mine.query(of),
    mayAdjust ? api.wallets.price.query(of) : null,
  ]);
  const people = members.map(({ userId, name }) => ({ userId, name }));
  return { transactions, members: people, filters, lots, holds, allowance, price, cursor: cursor ?? null };
}, "wallet.read");

export async function action({ request, context, params }: ActionFunctionArgs) {
  return moveCredits(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

export default function WalletPage() {
  const { lots, holds, allowance, price, asOf, ...history } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organization, may } = useOrganization();
  const [search] = useSearchParams();
  const dialog = search.get("dialog");
  const mayAdjust = may("wallet.adjust");
  const isByPayment = dialog === "add-paid-credits";
  return (
    <>
      <PageHeader
        title="Wallet"
        description="One balance for the whole organization; every movement is kept."
        actions={<WalletActions />}
      />
      <div className="grid gap-6">
        <BalanceCard lots={lots} holds={holds} asOf={asOf} />
        <AllowanceCard fresh={allowance} asOf={asOf} />
        {may("transactions.read") ? (
          <TransactionHistory {...history} fresh={history.transactions} asOf={asOf} />
        ) : (
          <Card title="Transactions" isFlush>
            <Forbidden what="Transactions" permission="transactions.read" role={organization.role} />
          </Card>
        )}
      </div>
      {mayAdjust && (dialog === "add-credits" || isByPayment) && (
        <CreditsDialog
          key={dialog}
          kind="add-credits"
          answer={answer}
          {...(price && { sale: { price, isByPayment } })}
        />
      )}
      {mayAdjust && dialog === "deduct-credits" && <CreditsDialog kind="deduct-credits" answer={answer} />}
      {mayAdjust && dialog === "transfer" && <TransferDialog members={history.members} answer={answer} />}
    </>
  );
}

/** Who may see the transactions but not move credits is told who may; to others it would mean nothing. */
function WalletActions() {
  const { may } = useOrganization();
  const { open } = useDialogPaths();
  if (!may("transactions.read")) return null;
  if (!may("wallet.adjust")) {
    return (
      <DisabledButton reason={`Only ${holdersOf("wallet.adjust")} can add, deduct or transfer credits.`}>
        <Plus aria-hidden className="size-4" />
        Add Credits
      </DisabledButton>
    );
  }
  return (
    <>
      <ButtonLink to={open("transfer")} preventScrollReset>
        <ArrowRightLeft aria-hidden className="size-4" />
        Transfer Credits
      </ButtonLink>
      <ButtonLink to={open("deduct-credits")} preventScrollReset>
        <Minus aria-hidden className="size-4" />
        Deduct Credits
      </ButtonLink>
      <ButtonLink look="primary" to={open("add-credits")} preventScrollReset>
        <Plus aria-hidden className="size-4" />
        Add Credits
      </ButtonLink>
    </>
  );
}
