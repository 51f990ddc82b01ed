import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { ArrowLeft, UsersRound } from "lucide-react";
import { useMemo } from "react";
import { browserApi } from "~/api/browser-client";
import { organizationLoader } from "~/api/page-loader.server";
import { useApi } from "~/api/query";
import type { TeamPeople } from "~/api/types";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { EmptyPart, NamedPages, NameSearch } from "~/components/named-pages";
import { Notice } from "~/components/notice";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { type NamedListing, readNamedListing, toNamedPart } from "~/forms/named-listing";
import { type Merge, REFETCH } from "~/live/merge";
import { useLiveData } from "~/live/use-live-data";
import { amountText, exactCredits } from "~/organization/amount-text";
import { useOrganization } from "~/organization/organization-context";
import { roleLabel } from "~/organization/roles";

const COLUMNS: readonly Column[] = [
  { label: "Person", className: "w-full" },
  { label: "In this organization", isWideOnly: true },
  { label: "Spent", isFigure: true },
];

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.team.name ?? "Team"} · Guildhall` }];

export const loader = organizationLoader(async ({ api, slug, params, url }) => {
  const listing = readNamedListing(url.searchParams);
  const of = { organization: slug, teamId: params.teamId ?? "", ...toNamedPart(listing) };
  return { team: { ...(await api.teams.people.query(of)), isGone: false }, listing };
}, "teams.read");

interface Shown extends TeamPeople {
  /** The team was removed while the page was open. */
  isGone: boolean;
}

export default function TeamPage() {
  const { team, listing, asOf } = useLoaderData<typeof loader>();
  return <TeamView key={team.teamId} fresh={team} listing={listing} asOf={asOf} />;
}

interface TeamViewProps {
  fresh: Shown;
  listing: NamedListing;
  asOf: string;
}

/** Who is in an assigned team, part by part, and what each has spent of the wallet. */
function TeamView({ fresh, listing, asOf }: TeamViewProps) {
  const { organization } = useOrganization();
  const { teamId } = fresh;
  const input = { organization: organization.slug, teamId, ...toNamedPart(listing) };
  const { data, refetch, refreshError } = useLiveData<Shown>({
    key: useApi().teams.people.queryKey(input),
    fresh,
    asOf,
    merge: useMemo(() => mergeTeam(teamId), [teamId]),
    read: async () => ({ ...(await browserApi().teams.people.query(input)), isGone: false }),
  });
  return (
    <>
      <p className="mb-2">
        <ButtonLink look="quiet" size="sm" to={`/o/${organization.slug}/teams`} className="-ml-2.5">
          <ArrowLeft aria-hidden className="size-4" />
          Teams
        </ButtonLink>
      </p>
      <PageHeader
        title={data.name}
        description={`Its people spend from the wallet of ${organization.name}. The enterprise says who is in it. Spending is that of this month (UTC), whichever way it was made.`}
      />
      {data.isGone ? (
        <Notice tone="warning" title={`${data.name} is no longer assigned to ${organization.name}`}>
          Its people cannot spend from this wallet any more.
        </Notice>
      ) : (
        <Card isFlush className="overflow-hidden">
          <RefreshNotice message={refreshError} onRetry={refetch} />
          <People team={data} listing={listing} />
        </Card>
      )}
    </>
  );
}

function People({ team: { people, nextCursor }, listing }: { team: Shown; listing: NamedListing }) {
  const { organization } = useOrganization();
  const isPart = listing.search !== "" || listing.cursor !== null;
  return (
    <>
      {(isPart || nextCursor) && (
        <div className="border-line border-b p-4">
          <NameSearch listing={listing} label="Search people by name or e-mail" placeholder="Name or e-mail" />
        </div>
      )}
      {people.length > 0 && <PeopleTable people={people} />}
      {people.length === 0 && isPart && <EmptyPart listing={listing} what="person" field="name or e-mail" />}
      {people.length === 0 && !isPart && (
        <EmptyState icon={UsersRound} title="Nobody is in this team">
          An admin of {organization.enterpriseName} puts people into it.
        </EmptyState>
      )}
      <NamedPages listing={listing} nextCursor={nextCursor} />
    </>
  );
}

function PeopleTable({ people }: { people: TeamPeople["people"] }) {
  return (
    <Table caption="People of the team" columns={COLUMNS}>
      {people.map(({ userId, name, email, role, spentMicro }) => (
        <tr key={userId} data-testid="team-person">
          <Cell>
            <span className="block font-medium">{name}</span>
            <span className="block text-ink-muted text-sm">{email}</span>
            <span className="mt-1 block md:hidden">
              <Standing role={role} />
            </span>
          </Cell>
          <Cell isWideOnly className="whitespace-nowrap">
            <Standing role={role} />
          </Cell>
          <Cell isFigure>
            <span title={exactCredits(spentMicro)}>{amountText(spentMicro, { isSigned: false })}</span>
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

/** Members spend by their role first: that does not count to the team. */
function Standing({ role }: { role: TeamPeople["people"][number]["role"] }) {
  return role ? <Badge tone="accent">{roleLabel(role)}</Badge> : <Badge>Through the team only</Badge>;
}

function mergeTeam(teamId: string): Merge<Shown> {
  return (shown, event) => {
    if (event.type === "wallet.balance_changed") return shown.isGone ? shown : REFETCH;
    if (!("teamId" in event.payload) || event.payload.teamId !== teamId) return shown;
    return event.type === "team.removed" ? { ...shown, isGone: true } : REFETCH;
  };
}
