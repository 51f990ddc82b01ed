import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { ArrowLeft } from "lucide-react";
import { useCallback } from "react";
import { browserApi } from "~/api/browser-client";
import { readForPage } from "~/api/session.server";
import type { EnterpriseTeam } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { type NamedListing, namedSearch, readNamedListing, toNamedPart } from "~/forms/named-listing";
import { ErrorPage } from "~/frame/error-page";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useHinted } from "~/live/use-hinted";
import { changeTeam } from "./change-team.server";
import { PeopleCard } from "./people-card";
import { DeleteTeamDialog, RenameTeamDialog } from "./team-dialogs";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.team.name ?? "Team"} · Guildhall` }];

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const { enterprise = "", teamId = "" } = params;
  const listing = readNamedListing(new URL(request.url).searchParams);
  const of = { enterprise, teamId, ...toNamedPart(listing) };
  return { listing, team: await readForPage(request, context, () => context.api.teams.get.query(of)) };
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  const { enterprise = "", teamId = "" } = params;
  return changeTeam(request, context, { enterprise, teamId });
}

export const clientAction = keepWhenUnreachable;

export function ErrorBoundary() {
  return <ErrorPage />;
}

/** One team of an enterprise: its people, its name, its end. */
export default function EnterpriseTeamPage() {
  const { listing, team: fresh } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const [search] = useSearchParams();
  const { teamId, enterprise } = fresh;
  const list = `/enterprise/${enterprise.slug}/teams`;
  const read = useCallback(
    () => browserApi().teams.get.query({ enterprise: enterprise.slug, teamId, ...toNamedPart(listing) }),
    [enterprise.slug, teamId, listing],
  );
  const { data: team, refreshError, refetch } = useHinted<EnterpriseTeam>({ fresh, read });
  const dialog = search.get("dialog");
  const closeTo = `${list}/${teamId}${namedSearch(listing)}`;
  return (
    <>
      <p className="mb-2">
        <ButtonLink look="quiet" size="sm" to={list} className="-ml-2.5">
          <ArrowLeft aria-hidden className="size-4" />
          Enterprise teams
        </ButtonLink>
      </p>
      <PageHeader
        title={team.name}
        description={
          team.organizationName
            ? `Assigned to ${team.organizationName}: its people may spend from that wallet, as far as its spend policy allows.`
            : "Assigned to no organization, so nobody spends through it. A manager of an organization assigns it."
        }
        actions={
          <ButtonLink to={namedSearch(listing, { dialog: "rename" })} preventScrollReset>
            Rename
          </ButtonLink>
        }
      />
      <RefreshNotice message={refreshError} onRetry={refetch} />
      <div className="grid gap-6">
        <PeopleCard team={team} listing={listing} answer={answer} />
        <DangerZone name={team.name} listing={listing} />
      </div>
      {dialog === "rename" && <RenameTeamDialog team={team} closeTo={closeTo} answer={answer} />}
      {dialog === "delete" && <DeleteTeamDialog team={team} closeTo={closeTo} answer={answer} />}
    </>
  );
}

function DangerZone({ name, listing }: { name: string; listing: NamedListing }) {
  return (
    <section className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-danger px-4 py-3">
      <div className="grid">
        <h2 className="font-medium">Delete this team</h2>
        <p className="text-ink-muted text-sm">Ends it for good. Its people and what was spent stay.</p>
      </div>
      <ButtonLink look="danger" to={namedSearch(listing, { dialog: "delete" })} preventScrollReset>
        Delete team<span className="sr-only"> {name}</span>
      </ButtonLink>
    </section>
  );
}
