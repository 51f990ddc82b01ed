import { data, type MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink } from "~/components/button";
import { PageHeader } from "~/components/page-header";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { MonthPicker } from "./month-picker";
import { StatementCard } from "./statement-card";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Statements · Guildhall" }];

export const loader = organizationLoader(async ({ api, slug, url, context }) => {
  const months = await api.wallets.statementMonths.query({ organization: slug });
  const month = url.searchParams.get("month") || (months[0] ?? "");
  if (!months.includes(month)) {
    const message = "The wallet has no statement for this month.";
    throw data({ code: "not_found", message, requestId: context.requestId }, { status: 404 });
  }
  return { months, statement: await api.wallets.statement.query({ organization: slug, month }) };
}, "transactions.read");

export default function StatementsPage() {
  const { months, statement, asOf } = useLoaderData<typeof loader>();
  const { organization } = useOrganization();
  return (
    <div className="max-w-3xl">
      <PageHeader
        title="Statements"
        description={`What the wallet of ${organization.name} did, month by month.`}
        actions={
          <span className="print:hidden">
            <ButtonLink to={`/o/${organization.slug}/wallet`}>Back to the wallet</ButtonLink>
          </span>
        }
      />
      <div className="grid gap-4">
        <MonthPicker months={months} month={statement.month} />
        <StatementCard key={statement.month} fresh={statement} asOf={asOf} />
      </div>
    </div>
  );
}
