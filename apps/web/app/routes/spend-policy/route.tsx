import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { browserApi } from "~/api/browser-client";
import { organizationLoader } from "~/api/page-loader.server";
import { useApi } from "~/api/query";
import type { SpendPolicy } from "~/api/types";
import { Card } from "~/components/card";
import { Notice } from "~/components/notice";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { TextLink } from "~/components/text-link";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { holdersOf, roleLabel } from "~/organization/roles";
import { PolicyForm } from "./policy-form";
import { PolicySummary } from "./policy-summary";
import { setPolicy } from "./set-policy.server";

const onPolicy = refetchOn<SpendPolicy>(
  ...(["spend_policy.changed", "teams.changed", "team.assigned", "team.removed"] as const),
  ...(["team.member_added", "team.member_removed", "member.role_changed"] as const),
);

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Spend policy · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug }) => {
  const mayChange = organization.permissions.includes("spend_policy.change");
  const [policy, prices] = await Promise.all([
    api.spendPolicy.get.query({ organization: slug }),
    mayChange ? api.usage.prices.query({ organization: slug }) : [],
  ]);
  return { policy, models: prices.map(({ model }) => model) };
}, "spend_policy.read");

export async function action({ request, context, params }: ActionFunctionArgs) {
  return setPolicy(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

/** Who may spend the organization's credits, and how much: a form for those who may change it, words for the others. */
export default function SpendPolicyPage() {
  const { policy: fresh, models, asOf } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organization, may } = useOrganization();
  const input = { organization: organization.slug };
  const { data, refetch, refreshError } = useLiveData<SpendPolicy>({
    key: useApi().spendPolicy.get.queryKey(input),
    fresh,
    asOf,
    merge: onPolicy,
    read: () => browserApi().spendPolicy.get.query(input),
  });
  return (
    <>
      <PageHeader
        title="Spend policy"
        description="Who may spend this organization’s credits, and how much. A change holds from the next charge on."
      />
      <RefreshNotice message={refreshError} onRetry={refetch} />
      <div className="grid gap-6">
        <YourStanding you={data.you} role={organization.role} />
        {may("spend_policy.change") ? (
          <PolicyForm policy={data} models={models} answer={answer} />
        ) : (
          <Card title="Policy" description={`Only ${holdersOf("spend_policy.change")} can change it.`} isFlush>
            <PolicySummary policy={data} />
          </Card>
        )}
        <p className="max-w-[75ch] text-ink-muted text-sm">
          The policy is about charges in a person’s name. Programs that report usage with an API key and name nobody are
          not limited by it. What one person may spend in a month is set under{" "}
          <TextLink to={`/o/${organization.slug}/settings/general`}>General</TextLink>.
        </p>
      </div>
    </>
  );
}

function YourStanding({ you, role }: { you: SpendPolicy["you"]; role: string }) {
  if (!you.maySpend) {
    return (
      <Notice tone="warning" title="You may not spend these credits">
        The policy leaves your role ({roleLabel(role)}) out, and no team of yours may spend here.
      </Notice>
    );
  }
  const as = you.throughTeam ? `as one of ${you.throughTeam}` : `as ${roleLabel(role)}`;
  return <Notice tone="positive">You may spend these credits, {as}.</Notice>;
}
