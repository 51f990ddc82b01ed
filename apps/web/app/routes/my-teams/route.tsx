import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Coins } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { readForPage } from "~/api/session.server";
import type { WayToSpend } from "~/api/types";
import { Badge } from "~/components/badge";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useHinted } from "~/live/use-hinted";
import { roleLabel } from "~/organization/roles";

const COLUMNS: readonly Column[] = [
  { label: "Organization", className: "w-full" },
  { label: "You spend as", isWideOnly: true },
  { label: "Status" },
];

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Your spending rights · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  return { ways: await readForPage(request, context, () => context.api.spendPolicy.mine.query()) };
}

const read = () => browserApi().spendPolicy.mine.query();

/** Whose credits the reader may spend: by a role, or through a team that they are in without being a member (S0.12, S2.17). */
export default function MyTeamsPage() {
  const {
    data: ways,
    refreshError,
    refetch,
  } = useHinted<WayToSpend[]>({ fresh: useLoaderData<typeof loader>().ways, read });
  return (
    <>
      <PageHeader
        title="Your spending rights"
        description="Organizations whose credits agents may spend in your name: where you are a member, and where a team of yours is assigned."
      />
      <Card isFlush className="overflow-hidden">
        <RefreshNotice message={refreshError} onRetry={() => refetch()} />
        {ways.length === 0 ? (
          <EmptyState icon={Coins} title="Nobody pays for you yet">
            Once you are a member of an organization, or in a team that is assigned to one, it stands here.
          </EmptyState>
        ) : (
          <Table caption="Your spending rights" columns={COLUMNS}>
            {ways.map((way) => (
              <WayRow key={`${way.organizationId} ${way.teamId}`} way={way} />
            ))}
          </Table>
        )}
      </Card>
    </>
  );
}

function WayRow({ way }: { way: WayToSpend }) {
  const { organizationName, role, teamName, enterpriseName, refusal } = way;
  const as = role ? roleLabel(role) : `Team ${teamName} of ${enterpriseName}`;
  return (
    <tr data-testid="way-to-spend">
      <Cell>
        <span className="block font-medium">{organizationName ?? "No organization"}</span>
        <span className="block text-ink-muted text-sm md:hidden">{as}</span>
        {refusal !== null && (
          <span className="block text-ink-muted text-sm">
            {REASONS[refusal] ?? "The spend policy does not allow it."}
          </span>
        )}
      </Cell>
      <Cell isWideOnly className="text-ink-muted">
        {as}
      </Cell>
      <Cell className="whitespace-nowrap">
        <Badge tone={refusal === null ? "positive" : "neutral"} hasDot>
          {refusal === null ? "May spend" : "Cannot spend"}
        </Badge>
      </Cell>
    </tr>
  );
}

const REASONS: Record<string, string> = {
  unassigned: "The team is assigned to no organization.",
  organization_inactive: "The organization is not active.",
  role: "Its spend policy leaves your role out.",
  teams: "Its spend policy leaves teams out.",
};
