import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { useCallback } from "react";
import { browserApi } from "~/api/browser-client";
import { readForPage } from "~/api/session.server";
import type { PlatformOrganization } from "~/api/types";
import { Card } from "~/components/card";
import { Notice } from "~/components/notice";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { TextLink } from "~/components/text-link";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { ErrorPage } from "~/frame/error-page";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useHinted } from "~/live/use-hinted";
import { StatusBadge } from "~/organization/status-badge";
import { AddressCard } from "./address-card";
import { ChangeSlugDialog } from "./change-slug-dialog";
import { About, Counts, Money } from "./figures";

/** Money moves without a hint to those who are no members: it is read so often while somebody looks, in milliseconds. */
const LOOK_EVERY_MS = 10_000;

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction<typeof loader> = ({ data: loaded }) => [
  { title: `${loaded?.organization.name ?? "Organization"} · Platform organizations · Guildhall` },
];

export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const organizationId = params.organizationId ?? "";
  const organization = await readForPage(request, context, () =>
    context.api.admin.organization.query({ organizationId }),
  );
  return { organization, publicUrl: context.publicUrl };
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  const organizationId = params.organizationId ?? "";
  const fieldOf = { slug_taken: "slug", slug_reserved: "slug" } as const;
  return submit({ request, context, fields: ["slug", "reason"], fieldOf }, async ({ slug, reason }) => {
    const changed = await context.api.admin.changeSlug.mutate({ organizationId, slug, reason });
    const here = `/admin/organizations/${organizationId}`;
    if (changed.slug === changed.previousSlug) return redirectWithToast(here, `The slug is ${changed.slug} already.`);
    return redirectWithToast(here, `The slug is now ${changed.slug}. ${changed.previousSlug} leads there.`);
  });
}

export const clientAction = keepWhenUnreachable;

export function ErrorBoundary() {
  return <ErrorPage />;
}

/** One organization as a platform admin sees it: counts and money, never its content (C4). */
export default function AdminOrganizationPage() {
  const { organization: fresh, publicUrl } = useLoaderData<typeof loader>();
  const { organizationId } = fresh;
  const read = useCallback(() => browserApi().admin.organization.query({ organizationId }), [organizationId]);
  const hinted = useHinted<PlatformOrganization>({ fresh, read, everyMs: LOOK_EVERY_MS });
  const { data: organization, refreshError, refetch } = hinted;
  const answer = useActionData();
  const [search] = useSearchParams();
  return (
    <>
      <p className="mb-2 text-sm">
        <TextLink to="/admin/organizations">Platform organizations</TextLink>
      </p>
      <PageHeader
        title={organization.name}
        description={organization.description || "Nobody has described it yet."}
        actions={<StatusBadge status={organization.status} />}
      />
      <div className="grid gap-6">
        <RefreshNotice message={refreshError} onRetry={refetch} />
        <div className="grid items-start gap-6 lg:grid-cols-2">
          <div className="grid gap-6">
            <Card title="Money" description={moneyText(organization)}>
              <Money organization={organization} />
            </Card>
            <Card title="About">
              <About organization={organization} />
            </Card>
          </div>
          <Card title="Counts">
            <Counts organization={organization} />
          </Card>
        </div>
        <AddressCard organization={organization} host={publicUrl.replace(/^https?:\/\//, "")} />
        <Notice title="You see counts and money, not the content">
          Who is in the organization, what its credits are spent on and what its agents do is shown to its members only.
        </Notice>
      </div>
      {search.get("dialog") === "change-slug" && <ChangeSlugDialog organization={organization} answer={answer} />}
    </>
  );
}

function moneyText({ money: { creditTypeName } }: PlatformOrganization): string {
  return `In ${creditTypeName ?? "credits"}, kept up to date every ${LOOK_EVERY_MS / 1_000} seconds.`;
}
