import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { Plus, UsersRound } from "lucide-react";
import { useCallback } from "react";
import { browserApi } from "~/api/browser-client";
import { readForPage } from "~/api/session.server";
import type { EnterpriseAdmin, EnterpriseTeams } from "~/api/types";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { EmptyPart, NamedPages, NameSearch } from "~/components/named-pages";
import { Dialog, DialogActions } from "~/components/overlay";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { type NamedListing, namedSearch, readNamedListing, toNamedPart } from "~/forms/named-listing";
import { ErrorPage } from "~/frame/error-page";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useHinted } from "~/live/use-hinted";
import { AdminsCard } from "./admins-card";
import { changeEnterprise } from "./change-enterprise.server";

const COLUMNS: readonly Column[] = [
  { label: "Team", className: "w-full" },
  { label: "People", isFigure: true },
  { label: "Assigned to" },
  { label: "Created", isWideOnly: true },
];

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Enterprise teams · Guildhall" }];

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const listing = readNamedListing(new URL(request.url).searchParams);
  const of = { enterprise: params.enterprise ?? "", ...toNamedPart(listing) };
  return { listing, found: await readForPage(request, context, () => readEnterprise(context.api, of)) };
}

interface Found extends EnterpriseTeams {
  admins: EnterpriseAdmin[];
}

async function readEnterprise(
  api: ReturnType<typeof browserApi>,
  of: { enterprise: string } & ReturnType<typeof toNamedPart>,
): Promise<Found> {
  const [found, admins] = await Promise.all([
    api.teams.ofEnterprise.query(of),
    api.enterprises.admins.query({ enterprise: of.enterprise }),
  ]);
  return { ...found, admins };
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  return changeEnterprise(request, context, params.enterprise ?? "");
}

export const clientAction = keepWhenUnreachable;

export function ErrorBoundary() {
  return <ErrorPage />;
}

/** Every team of an enterprise, for its admins: where it is assigned, and how many people it has; and who the admins are. */
export default function EnterpriseTeamsPage() {
  const { listing, found: fresh } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const answer = useActionData();
  const { slug } = fresh.enterprise;
  const read = useCallback(
    () => readEnterprise(browserApi(), { enterprise: slug, ...toNamedPart(listing) }),
    [slug, listing],
  );
  const { data, refreshError, refetch } = useHinted<Found>({ fresh, read });
  return (
    <>
      <PageHeader
        title="Enterprise teams"
        description={`${countText(data, listing)}. Managers of its organizations assign them; then their people spend from that organization’s wallet.`}
        actions={<CreateLink listing={listing} />}
      />
      <div className="grid gap-3">
        {(data.teams.length > 0 || listing.search || listing.cursor) && (
          <NameSearch listing={listing} label="Search teams by name" placeholder="Name of a team" />
        )}
        <Card isFlush className="overflow-hidden">
          <RefreshNotice message={refreshError} onRetry={refetch} />
          {data.teams.length === 0 ? <NoTeams listing={listing} /> : <TeamTable found={data} />}
          <NamedPages listing={listing} nextCursor={data.nextCursor} />
        </Card>
      </div>
      <AdminsCard admins={data.admins} answer={answer} />
      {search.get("dialog") === "create" && (
        <CreateDialog closeTo={`/enterprise/${slug}/teams${namedSearch(listing)}`} answer={answer} />
      )}
    </>
  );
}

function countText({ total, enterprise }: Found, { search }: NamedListing): string {
  const teams = `${total.toLocaleString("en-US")} ${total === 1 ? "team" : "teams"} of ${enterprise.name}`;
  return search ? `${teams} with “${search}” in the name` : teams;
}

function CreateLink({ listing }: { listing: NamedListing }) {
  return (
    <ButtonLink look="primary" to={namedSearch(listing, { dialog: "create" })} preventScrollReset>
      <Plus aria-hidden className="size-4" />
      Create team
    </ButtonLink>
  );
}

function NoTeams({ listing }: { listing: NamedListing }) {
  if (listing.search || listing.cursor) return <EmptyPart listing={listing} what="team" />;
  return (
    <EmptyState icon={UsersRound} title="No teams yet" action={<CreateLink listing={listing} />}>
      A team is a group of people who may spend the credits of the organization it is assigned to.
    </EmptyState>
  );
}

function TeamTable({ found: { enterprise, teams } }: { found: EnterpriseTeams }) {
  return (
    <Table caption="Teams of the enterprise" columns={COLUMNS}>
      {teams.map(({ teamId, name, memberCount, organizationName, createdAt }) => (
        <tr key={teamId} data-testid="enterprise-team">
          <Cell>
            <Link to={`/enterprise/${enterprise.slug}/teams/${teamId}`} className="font-medium hover:underline">
              {name}
            </Link>
          </Cell>
          <Cell isFigure>{memberCount.toLocaleString("en-US")}</Cell>
          <Cell className="md:whitespace-nowrap">{organizationName ?? <Badge>Not assigned</Badge>}</Cell>
          <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
            <Time at={createdAt} />
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

function CreateDialog({ closeTo, answer }: { closeTo: string; answer: unknown }) {
  const result = resultOf(answer, "create");
  return (
    <Dialog title="Create a team" closeTo={closeTo} description="Next, you put people into it.">
      <ActionForm intent="create" result={result}>
        <IdempotencyKey sent={result?.values.idempotencyKey} />
        <TextField
          name="name"
          label="Name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          placeholder="Field Operations"
          defaultValue={result?.values.name}
          error={result?.fieldErrors.name}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Creating…">Create team</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
