import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { Plus, UsersRound } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { organizationLoader } from "~/api/page-loader.server";
import { useApi } from "~/api/query";
import type { AssignableTeam, AssignedTeams } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { EmptyPart, NamedPages, NameSearch } from "~/components/named-pages";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { TextLink } from "~/components/text-link";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { type NamedListing, namedSearch, readNamedListing, toNamedPart } from "~/forms/named-listing";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { monthText } from "~/organization/dates";
import { useOrganization } from "~/organization/organization-context";
import { AssignDialog } from "./assign-dialog";
import { RemoveDialog } from "./remove-dialog";
import { TeamTable } from "./team-table";
import { manageTeams } from "./teams-action.server";

const onTeams = refetchOn<AssignedTeams>(
  ...(["team.assigned", "team.renamed", "team.removed", "team.member_added", "team.member_removed"] as const),
  "wallet.balance_changed",
);

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Teams · Guildhall" }];

export const loader = organizationLoader(async ({ api, organization, slug, url }) => {
  const listing = readNamedListing(url.searchParams);
  const mayAssign = organization.permissions.includes("teams.assign");
  const [assigned, assignable] = await Promise.all([
    api.teams.list.query({ organization: slug, ...toNamedPart(listing) }),
    mayAssign ? api.teams.assignable.query({ organization: slug }) : null,
  ]);
  return { assigned, assignable, listing };
}, "teams.read");

export async function action({ request, context, params }: ActionFunctionArgs) {
  return manageTeams(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

/** The teams that spend from the organization's wallet (S0.9), and what each has spent this month. */
export default function TeamsPage() {
  const { assigned, assignable, listing, asOf } = useLoaderData<typeof loader>();
  const { organization, may } = useOrganization();
  return (
    <>
      <PageHeader
        title="Teams"
        description={
          <>
            Teams of {organization.enterpriseName} whose people spend from this wallet, under its{" "}
            <TextLink to={`/o/${organization.slug}/settings/spending`}>spend policy</TextLink>. They see nothing else of
            the organization.
          </>
        }
        actions={may("teams.assign") && <AssignLink listing={listing} />}
      />
      <TeamList fresh={assigned} {...{ assignable, listing, asOf }} />
    </>
  );
}

function AssignLink({ listing }: { listing: NamedListing }) {
  return (
    <ButtonLink look="primary" to={namedSearch(listing, { dialog: "assign" })} preventScrollReset>
      <Plus aria-hidden className="size-4" />
      Assign Team
    </ButtonLink>
  );
}

interface TeamListProps {
  fresh: AssignedTeams;
  /** Null for who may not assign. */
  assignable: AssignableTeam[] | null;
  listing: NamedListing;
  asOf: string;
}

/** The teams, kept live, and the dialogs about them. */
function TeamList({ fresh, assignable, listing, asOf }: TeamListProps) {
  const answer = useActionData();
  const { organization, may } = useOrganization();
  const [search] = useSearchParams();
  const input = { organization: organization.slug, ...toNamedPart(listing) };
  const { data, refetch, refreshError } = useLiveData({
    key: useApi().teams.list.queryKey(input),
    fresh,
    asOf,
    merge: onTeams,
    read: () => browserApi().teams.list.query(input),
  });
  const dialog = search.get("dialog");
  const chosen = data.teams.find(({ teamId }) => teamId === search.get("team"));
  const mayAssign = may("teams.assign");
  return (
    <>
      <Card
        title="Assigned teams"
        description={`Spending in ${monthText(data.month)} (${data.timeZone}).`}
        isFlush
        className="overflow-hidden"
      >
        <RefreshNotice message={refreshError} onRetry={refetch} />
        {(listing.search || listing.cursor || data.nextCursor) && (
          <div className="border-line border-b p-4">
            <NameSearch listing={listing} label="Search teams by name" placeholder="Name of a team" />
          </div>
        )}
        {data.teams.length === 0 ? (
          <NoTeams listing={listing} mayAssign={mayAssign} />
        ) : (
          <TeamTable assigned={data} listing={listing} />
        )}
        <NamedPages listing={listing} nextCursor={data.nextCursor} />
      </Card>
      {mayAssign && assignable && dialog === "assign" && (
        <AssignDialog fresh={assignable} {...{ listing, asOf, answer }} />
      )}
      {mayAssign && dialog === "remove" && chosen && <RemoveDialog team={chosen} {...{ listing, answer }} />}
    </>
  );
}

function NoTeams({ listing, mayAssign }: { listing: NamedListing; mayAssign: boolean }) {
  if (listing.search || listing.cursor) return <EmptyPart listing={listing} what="team" />;
  return (
    <EmptyState icon={UsersRound} title="No team is assigned" action={mayAssign && <AssignLink listing={listing} />}>
      People of an assigned team spend from this organization’s wallet without being members of it.
    </EmptyState>
  );
}
