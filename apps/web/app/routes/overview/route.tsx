import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { organizationLoader } from "~/api/page-loader.server";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Notice } from "~/components/notice";
import { PageHeader } from "~/components/page-header";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { roleLabel } from "~/organization/roles";
import { Figures } from "./figures";
import { RecentActivity } from "./recent-activity";
import { Roster, Teams } from "./roster";

/** How many people and transactions the overview shows. */
const SHOWN_MEMBERS = 6;
const RECENT = 6;

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Overview · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug }) => {
  const maySee = organization.permissions.includes("transactions.read");
  const [members, transactions] = await Promise.all([
    api.members.page.query({ organization: slug, limit: SHOWN_MEMBERS }),
    maySee ? api.wallets.transactions.query({ organization: slug, limit: RECENT }) : null,
  ]);
  return { members, transactions };
});

export default function Overview() {
  const { members, transactions, asOf } = useLoaderData<typeof loader>();
  const { organization } = useOrganization();
  return (
    <>
      <PageHeader
        title={organization.name}
        description={
          <span className="flex flex-wrap items-center gap-2">
            <StatusBadge status={organization.status} />
            <span>
              {organization.enterpriseName} · You are {roleLabel(organization.role)}
            </span>
          </span>
        }
      />
      <div className="grid gap-6">
        {!organization.isSetUp && <SetupReminder />}
        <Figures />
        <div className="grid items-start gap-6 lg:grid-cols-[3fr_2fr]">
          <RecentActivity fresh={transactions} asOf={asOf} limit={RECENT} />
          <div className="grid gap-6">
            <Roster fresh={members} asOf={asOf} limit={SHOWN_MEMBERS} />
            <Teams />
          </div>
        </div>
      </div>
    </>
  );
}

function SetupReminder() {
  const { organization, may } = useOrganization();
  if (!may("organization.setup")) {
    return (
      <Notice title="Setup is open">
        An owner has yet to choose the organization’s name and address. Everything else works already.
      </Notice>
    );
  }
  const choose = (
    <ButtonLink look="primary" size="sm" to={`/o/${organization.slug}/setup`}>
      Choose name and slug
    </ButtonLink>
  );
  return (
    <Notice title="Finish setting up" actions={choose}>
      Give the organization its name and its address. Everything else works already.
    </Notice>
  );
}

const STATUSES: Record<string, { tone: "positive" | "neutral" | "warning"; label: string }> = {
  active: { tone: "positive", label: "Active" },
  inactive: { tone: "neutral", label: "Inactive" },
  archived: { tone: "neutral", label: "Archived" },
  pending_deletion: { tone: "warning", label: "Pending deletion" },
};

function StatusBadge({ status }: { status: string }) {
  const { tone, label } = STATUSES[status] ?? { tone: "neutral" as const, label: status };
  return (
    <Badge tone={tone} hasDot>
      {label}
    </Badge>
  );
}
