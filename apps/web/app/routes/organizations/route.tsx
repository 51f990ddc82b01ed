import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { Building2, Plus } from "lucide-react";
import { readForPage } from "~/api/session.server";
import type { MyOrganization } from "~/api/types";
import { Avatar } from "~/components/avatar";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { PageHeader } from "~/components/page-header";
import { Cell, type Column, Table } from "~/components/table";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { CREATE_ORGANIZATION } from "~/frame/links";
import { usePortal } from "~/frame/portal-context";
import { aheadOf } from "~/frame/prefetch";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { memberCountText } from "~/organization/counts";
import { roleLabel } from "~/organization/roles";
import { StatusBadge } from "~/organization/status-badge";
import { answerReceived } from "./answer-received.server";
import { CreateOrganizationDialog } from "./create-organization-dialog";
import { ReceivedInvites } from "./received-invites";

const COLUMNS: readonly Column[] = [
  { label: "Name", className: "w-full" },
  { label: "Your role", isWideOnly: true },
  { label: "Members", isFigure: true, isWideOnly: true },
  { label: "Status", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Organizations · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  return { received: await readForPage(request, context, () => context.api.invites.received.query()) };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const intent = String((await request.clone().formData()).get("intent"));
  if (intent === "accept-invite" || intent === "decline-invite") return answerReceived(request, context, intent);
  const fields = ["name", "slug", "idempotencyKey"] as const;
  const fieldOf = { slug_taken: "slug", slug_reserved: "slug" } as const;
  return submit({ request, context, fields, fieldOf }, async ({ name, slug, idempotencyKey }) => {
    const input = { name, idempotencyKey, ...(slug.trim() ? { slug } : {}) };
    const made = await context.api.organizations.create.mutate(input);
    return redirectWithToast(`/o/${made.slug}`, `${name.trim()} was created.`);
  });
}

export const clientAction = keepWhenUnreachable;

/** Every organization that the reader belongs to, with their role and its member count (S2.6). The frame keeps it live. */
export default function OrganizationsPage() {
  const { received } = useLoaderData<typeof loader>();
  const answer = useActionData();
  const { organizations } = usePortal();
  const [search] = useSearchParams();
  return (
    <>
      <PageHeader
        title="Organizations"
        description="Every organization you belong to. Each has its own members, wallet and settings."
        actions={
          <ButtonLink look="primary" to={CREATE_ORGANIZATION} preventScrollReset>
            <Plus aria-hidden className="size-4" />
            Create Organization
          </ButtonLink>
        }
      />
      <ReceivedInvites fresh={received} answer={answer} />
      <Card isFlush className="overflow-hidden">
        {organizations.length === 0 ? <NoOrganizations /> : <OrganizationTable organizations={organizations} />}
      </Card>
      {search.get("dialog") === "create" && <CreateOrganizationDialog answer={answer} />}
    </>
  );
}

function NoOrganizations() {
  const create = <ButtonLink to={CREATE_ORGANIZATION}>Create Organization</ButtonLink>;
  return (
    <EmptyState icon={Building2} title="You belong to no organization" action={create}>
      Create one, or open the invite that somebody has sent you.
    </EmptyState>
  );
}

function OrganizationTable({ organizations }: { organizations: MyOrganization[] }) {
  return (
    <Table caption="Your organizations" columns={COLUMNS}>
      {organizations.map((organization) => (
        <OrganizationRow key={organization.id} organization={organization} />
      ))}
    </Table>
  );
}

function OrganizationRow({ organization }: { organization: MyOrganization }) {
  const { slug, name, role, memberCount } = organization;
  return (
    <tr data-testid="organization">
      <Cell>
        <div className="flex items-center gap-3">
          <Avatar name={name} shape="organization" />
          <div className="grid min-w-0">
            <Link to={`/o/${slug}`} {...aheadOf(`/o/${slug}`)} className="font-medium hover:underline">
              {name}
            </Link>
            <span className="text-ink-muted text-xs md:hidden">
              {roleLabel(role)} · {memberCountText(memberCount)}
            </span>
            <span className="md:hidden">
              <Standing organization={organization} />
            </span>
          </div>
        </div>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap">
        {roleLabel(role)}
      </Cell>
      <Cell isFigure isWideOnly>
        {memberCount.toLocaleString("en-US")}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap">
        <Standing organization={organization} />
      </Cell>
      <Cell className="text-right">
        <ButtonLink look="quiet" size="sm" to={`/o/${slug}/members?dialog=leave`}>
          Leave<span className="sr-only"> {name}</span>
        </ButtonLink>
      </Cell>
    </tr>
  );
}

function Standing({ organization: { isSetUp, status } }: { organization: MyOrganization }) {
  return isSetUp ? <StatusBadge status={status} /> : <Badge tone="warning">Setup open</Badge>;
}
