import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Building2 } from "lucide-react";
import { useCallback } from "react";
import { browserApi } from "~/api/browser-client";
import { readForPage } from "~/api/session.server";
import type { ListedOrganizations } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { ErrorPage } from "~/frame/error-page";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useHinted } from "~/live/use-hinted";
import { addressOf, type OrganizationSearch, readSearch } from "./organization-search";
import { OrganizationSearchForm } from "./organization-search-form";
import { OrganizationTable } from "./organization-table";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Platform organizations · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const search = readSearch(new URL(request.url));
  const found = await readForPage(request, context, () => context.api.admin.organizations.query(search));
  return { search, found };
}

export function ErrorBoundary() {
  return <ErrorPage />;
}

/** Every organization of the platform, for platform admins (S0.2, S0.3). */
export default function AdminOrganizationsPage() {
  const { search, found: fresh } = useLoaderData<typeof loader>();
  const read = useCallback(() => browserApi().admin.organizations.query(search), [search]);
  const { data: found, refreshError, refetch } = useHinted<ListedOrganizations>({ fresh, read });
  return (
    <>
      <PageHeader title="Platform organizations" description={summary(search, found)} />
      <div className="grid gap-3">
        <OrganizationSearchForm search={search} />
        <Card isFlush className="overflow-hidden">
          <RefreshNotice message={refreshError} onRetry={refetch} />
          {found.items.length === 0 ? <Nothing search={search} /> : <OrganizationTable items={found.items} />}
          <Pages search={search} nextCursor={found.nextCursor} />
        </Card>
      </div>
    </>
  );
}

function summary({ search }: OrganizationSearch, { totalCount, activeCount }: ListedOrganizations): string {
  const total = totalCount.toLocaleString("en-US");
  const active = activeCount.toLocaleString("en-US");
  const counted = `${total} ${totalCount === 1 ? "organization" : "organizations"} (${active} active)`;
  if (!search) return `${counted} on this platform.`;
  return totalCount === 0 ? `Looked for “${search}”.` : `${counted} with “${search}” in the name or a slug.`;
}

function Nothing({ search }: { search: OrganizationSearch }) {
  if (search.cursor) {
    return (
      <EmptyState
        icon={Building2}
        title="This page is empty"
        action={<ButtonLink to={addressOf({ ...search, cursor: undefined })}>Back to the first page</ButtonLink>}
      >
        The organizations that stood here were renamed or are gone.
      </EmptyState>
    );
  }
  if (!search.search) {
    return (
      <EmptyState icon={Building2} title="There is no organization yet">
        The first person who signs up gets one. It then stands here.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Building2}
      title="No organization matches"
      action={<ButtonLink to={addressOf({ sort: search.sort, search: "" })}>Show all</ButtonLink>}
    >
      Nothing has “{search.search}” in its name, its slug or a slug that it had before.
    </EmptyState>
  );
}

function Pages({ search, nextCursor }: { search: OrganizationSearch; nextCursor: string | null }) {
  if (!search.cursor && !nextCursor) return null;
  return (
    <nav aria-label="Pages" className="flex flex-wrap justify-between gap-2 border-line border-t p-3">
      {search.cursor ? (
        <ButtonLink size="sm" look="quiet" to={addressOf({ ...search, cursor: undefined })}>
          Back to the first page
        </ButtonLink>
      ) : (
        <span />
      )}
      {nextCursor && (
        <ButtonLink size="sm" to={addressOf({ ...search, cursor: nextCursor })}>
          Next page
        </ButtonLink>
      )}
    </nav>
  );
}
