import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { Plus, UsersRound } from "lucide-react";
import { useCallback } from "react";
import { browserApi } from "~/api/browser-client";
import { readForPage } from "~/api/session.server";
import type { EnterpriseTeams } from "~/api/types";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { Dialog, DialogActions } from "~/components/overlay";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { ErrorPage } from "~/frame/error-page";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useHinted } from "~/live/use-hinted";

const COLUMNS: readonly Column[] = [
  { label: "Team", className: "w-full" },
  { label: "People", isFigure: true },
  { label: "Assigned to" },
  { label: "Created", isWideOnly: true },
];

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Enterprise teams · Guildhall" }];

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const enterprise = params.enterprise ?? "";
  return { found: await readForPage(request, context, () => context.api.teams.ofEnterprise.query({ enterprise })) };
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  const enterprise = params.enterprise ?? "";
  const fields = ["name", "idempotencyKey"] as const;
  return submit({ request, context, fields, fieldOf: { name_taken: "name" } }, async (values) => {
    const { teamId } = await context.api.teams.create.mutate({ enterprise, ...values });
    return redirectWithToast(`/enterprise/${enterprise}/teams/${teamId}`, `${values.name.trim()} was created.`);
  });
}

export const clientAction = keepWhenUnreachable;

export function ErrorBoundary() {
  return <ErrorPage />;
}

/** Every team of an enterprise, for its admins: where it is assigned, and how many people it has. */
export default function EnterpriseTeamsPage() {
  const { found: fresh } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const answer = useActionData();
  const { slug } = fresh.enterprise;
  const read = useCallback(() => browserApi().teams.ofEnterprise.query({ enterprise: slug }), [slug]);
  const { data, refreshError, refetch } = useHinted<EnterpriseTeams>({ fresh, read });
  return (
    <>
      <PageHeader
        title="Enterprise teams"
        description={`Teams of ${data.enterprise.name}. Managers of its organizations assign them; then their people spend from that organization’s wallet.`}
        actions={<CreateLink />}
      />
      <Card isFlush className="overflow-hidden">
        <RefreshNotice message={refreshError} onRetry={refetch} />
        {data.teams.length === 0 ? <NoTeams /> : <TeamTable found={data} />}
      </Card>
      {search.get("dialog") === "create" && <CreateDialog closeTo={`/enterprise/${slug}/teams`} answer={answer} />}
    </>
  );
}

function CreateLink() {
  return (
    <ButtonLink look="primary" to="?dialog=create" preventScrollReset>
      <Plus aria-hidden className="size-4" />
      Create team
    </ButtonLink>
  );
}

function NoTeams() {
  return (
    <EmptyState icon={UsersRound} title="No teams yet" action={<CreateLink />}>
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
