import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { ListFilter } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink, buttonClass } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { PageHeader } from "~/components/page-header";
import { DownloadLink } from "~/downloads/download-tray";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { exportPath, type ReadFilters, readFilters, toSearch } from "./audit-filters";
import { AuditList } from "./audit-list";
import { AuditFilter } from "./filter-form";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Audit log · Guildhall" }];

const CURSOR = /^\d{1,18}$/;

export const loader = organizationLoader(async ({ api, slug, url }) => {
  const before = url.searchParams.get("before") ?? "";
  const cursor = CURSOR.test(before) ? before : null;
  const filters = readFilters(url.searchParams);
  const isReadable = Object.keys(filters.errors).length === 0;
  const of = { organization: slug };
  const [page, actors] = await Promise.all([
    isReadable ? api.audit.list.query({ ...of, ...filters.input, ...(cursor && { cursor }) }) : null,
    api.audit.actors.query(of),
  ]);
  return { page, actors, filters, cursor };
}, "audit.read");

export default function AuditLogPage() {
  const { page, actors, filters, cursor, asOf } = useLoaderData<typeof loader>();
  const { organization } = useOrganization();
  const path = `/o/${organization.slug}/audit`;
  const search = toSearch(filters.typed);
  const newest = cursor && (
    <ButtonLink size="sm" look="quiet" to={path + search}>
      Back to the newest
    </ButtonLink>
  );
  return (
    <>
      <PageHeader
        title="Audit log"
        description="Who changed what, from what to what, when and from where. Nobody can change or remove an entry."
        actions={page && <Exports filters={filters} />}
      />
      <Card title="Entries" description="Newest first." isFlush actions={newest}>
        <AuditFilter filters={filters} actors={actors} path={path} />
        {page ? (
          <AuditList key={`${search} ${cursor}`} fresh={page} {...{ filters, cursor, asOf, path }} />
        ) : (
          <EmptyState icon={ListFilter} title="Nothing was looked for">
            A filter cannot be read. Correct what is marked above.
          </EmptyState>
        )}
      </Card>
    </>
  );
}

/** The log as files, with the filters that are on. */
function Exports({ filters }: { filters: ReadFilters }) {
  const { organization, may } = useOrganization();
  if (!may("audit.export")) return null;
  const { slug, name } = organization;
  return (
    <>
      <DownloadLink url={exportPath(slug, filters.input, "csv")} label={`Audit log of ${name}`}>
        Export CSV
      </DownloadLink>
      <a href={exportPath(slug, filters.input, "json")} download className={buttonClass({ size: "sm" })}>
        Export JSON
      </a>
    </>
  );
}
