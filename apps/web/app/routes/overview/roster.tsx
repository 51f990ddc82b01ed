import { UsersRound } from "lucide-react";
import { useMemo } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { MemberPage } from "~/api/types";
import { Avatar } from "~/components/avatar";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { RefreshNotice } from "~/components/refresh-notice";
import { usePortal } from "~/frame/portal-context";
import { aheadOf } from "~/frame/prefetch";
import { mergeMemberPage } from "~/live/merge-member-page";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { roleLabel } from "~/organization/roles";

/** As the server lists them: the highest roles first. */
const LISTING = { sort: "role", order: "asc", isFiltered: false, isLater: false } as const;

/** The first of the organization's people, the highest roles first. */
export function Roster({ fresh, asOf, limit }: { fresh: MemberPage; asOf: string; limit: number }) {
  const { organization } = useOrganization();
  const { me } = usePortal();
  const api = useApi();
  const input = { organization: organization.slug, limit };
  const { data, refetch, refreshError } = useLiveData<MemberPage>({
    key: api.members.page.queryKey(input),
    fresh,
    asOf,
    merge: useMemo(() => mergeMemberPage(me.id, LISTING), [me.id]),
    read: () => browserApi().members.page.query(input),
  });
  return (
    <Card
      title="Collaborators"
      isFlush
      actions={
        <ButtonLink
          look="quiet"
          size="sm"
          to={`/o/${organization.slug}/members`}
          {...aheadOf(`/o/${organization.slug}/members`)}
        >
          {data.total > limit ? `All ${data.total.toLocaleString("en-US")}` : "Members"}
        </ButtonLink>
      }
    >
      <RefreshNotice message={refreshError} onRetry={refetch} />
      <ul>
        {data.items.slice(0, limit).map(({ userId, name, role, isYou }) => (
          <li key={userId} className="flex items-center gap-2.5 border-line px-4 py-2 not-first:border-t">
            <Avatar name={name} shape="person" />
            <span className="min-w-0 flex-1 truncate">
              {name}
              {isYou && <span className="text-ink-muted"> (you)</span>}
            </span>
            <Badge tone={role === "owner" ? "accent" : "neutral"}>{roleLabel(role)}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** The teams that spend from this organization's balance. */
export function Teams() {
  const { organization, may } = useOrganization();
  const page = `/o/${organization.slug}/teams`;
  return (
    <Card
      title="Teams"
      isFlush
      actions={
        may("teams.read") && (
          <ButtonLink look="quiet" size="sm" to={page} {...aheadOf(page)}>
            Spending
          </ButtonLink>
        )
      }
    >
      {organization.teams.length === 0 ? (
        <EmptyState icon={UsersRound} title="No teams assigned">
          An assigned team spends from this organization’s balance.
        </EmptyState>
      ) : (
        <ul>
          {organization.teams.map(({ id, name }) => (
            <li key={id} className="border-line px-4 py-2 not-first:border-t">
              {name}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
