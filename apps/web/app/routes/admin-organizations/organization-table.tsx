import { Link } from "@remix-run/react";
import type { ListedOrganization } from "~/api/types";
import { Avatar } from "~/components/avatar";
import { ButtonLink } from "~/components/button";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { StatusBadge } from "~/organization/status-badge";

const COLUMNS: readonly Column[] = [
  { label: "Name" },
  { label: "Description", className: "w-full", isWideOnly: true },
  { label: "Teams Count", isFigure: true, isWideOnly: true },
  { label: "Created At", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

/** All organizations (S0.3); the name and "View" both lead to the detail page (S0.4). */
export function OrganizationTable({ items }: { items: readonly ListedOrganization[] }) {
  return (
    <Table caption="Platform organizations" columns={COLUMNS}>
      {items.map((organization) => (
        <OrganizationRow key={organization.organizationId} organization={organization} />
      ))}
    </Table>
  );
}

function OrganizationRow({ organization }: { organization: ListedOrganization }) {
  const { organizationId, name, slug, description, status, teamCount, createdAt } = organization;
  const to = `/admin/organizations/${organizationId}`;
  return (
    <tr data-testid="organization">
      <Cell>
        <div className="flex items-center gap-3 md:min-w-56">
          <Avatar name={name} shape="organization" />
          <div className="grid min-w-0">
            <span className="flex flex-wrap items-center gap-x-2">
              <Link to={to} className="font-medium hover:underline">
                {name}
              </Link>
              {status !== "active" && <StatusBadge status={status} />}
            </span>
            <span className="text-ink-faint text-xs">{slug}</span>
            <span className="text-ink-muted text-xs md:hidden">
              {description && <span className="block">{description}</span>}
              {teamCount.toLocaleString("en-US")} {teamCount === 1 ? "team" : "teams"} · <Time at={createdAt} />
            </span>
          </div>
        </div>
      </Cell>
      <Cell isWideOnly className="text-ink-muted">
        {description || <span className="text-ink-faint">None</span>}
      </Cell>
      <Cell isFigure isWideOnly>
        {teamCount.toLocaleString("en-US")}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={createdAt} />
      </Cell>
      <Cell className="text-right">
        <ButtonLink size="sm" to={to}>
          View<span className="sr-only"> {name}</span>
        </ButtonLink>
      </Cell>
    </tr>
  );
}
