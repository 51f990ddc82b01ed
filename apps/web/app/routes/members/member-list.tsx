import { Link } from "@remix-run/react";
import { Pencil, SearchX, UserMinus } from "lucide-react";
import { useMemo } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Member } from "~/api/types";
import { Avatar } from "~/components/avatar";
import { Badge } from "~/components/badge";
import { ButtonLink, buttonClass } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { usePortal } from "~/frame/portal-context";
import { mergeFoundMembers, mergeMembers } from "~/live/merge-members";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { mayTouch, type Role, roleLabel } from "~/organization/roles";

const COLUMNS: readonly Column[] = [
  { label: "Name", className: "w-full" },
  { label: "Role", isWideOnly: true },
  { label: "Joined", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

interface MemberListProps {
  fresh: Member[];
  filter: { search?: string; role?: Role };
  asOf: string;
}

/** Everybody in the organization, kept live. */
export function MemberList({ fresh, filter, asOf }: MemberListProps) {
  const { organization } = useOrganization();
  const { me } = usePortal();
  const api = useApi();
  const input = { organization: organization.slug, ...filter };
  const isFiltered = filter.search !== undefined || filter.role !== undefined;
  const { data, refetch, refreshError } = useLiveData({
    key: api.members.list.queryKey(input),
    fresh,
    asOf,
    merge: useMemo(() => (isFiltered ? mergeFoundMembers : mergeMembers(me.id)), [isFiltered, me.id]),
    read: () => browserApi().members.list.query(input),
  });
  return (
    <Card isFlush className="overflow-hidden">
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {data.length === 0 ? (
        <EmptyState icon={SearchX} title="Nobody matches" action={<ButtonLink to="?">Show everybody</ButtonLink>}>
          No member has this name, e-mail or role.
        </EmptyState>
      ) : (
        <Table caption="Members" columns={COLUMNS}>
          {data.map((member) => (
            <MemberRow key={member.userId} member={member} />
          ))}
        </Table>
      )}
    </Card>
  );
}

function MemberRow({ member }: { member: Member }) {
  const { organization, may } = useOrganization();
  const { userId, name, email, role, joinedAt, isYou } = member;
  const isTouchable = mayTouch(organization.role, role);
  return (
    <tr data-testid="member">
      <Cell>
        <span className="flex items-center gap-3">
          <Avatar name={name} shape="person" />
          <span className="grid min-w-0">
            <span className="font-medium">
              {name}
              {isYou && <span className="font-normal text-ink-muted"> (you)</span>}
            </span>
            <span className="text-ink-muted text-sm">{email}</span>
            <span className="mt-1 md:hidden">
              <RoleBadge role={role} />
            </span>
          </span>
        </span>
      </Cell>
      <Cell isWideOnly>
        <RoleBadge role={role} />
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={joinedAt} />
      </Cell>
      <Cell>
        <span className="flex justify-end gap-1">
          {may("members.change_role") && isTouchable && (
            <RowAction to={`?dialog=role&member=${userId}`} label={`Change the role of ${name}`} icon={Pencil} />
          )}
          {may("members.remove") && isTouchable && (
            <RowAction to={`?dialog=remove&member=${userId}`} label={`Remove ${name}`} icon={UserMinus} />
          )}
        </span>
      </Cell>
    </tr>
  );
}

function RoleBadge({ role }: { role: Role }) {
  return <Badge tone={role === "owner" ? "accent" : "neutral"}>{roleLabel(role)}</Badge>;
}

function RowAction({ to, label, icon: Icon }: { to: string; label: string; icon: typeof Pencil }) {
  return (
    <Link to={to} preventScrollReset title={label} className={buttonClass({ look: "quiet", size: "icon" })}>
      <Icon aria-hidden className="size-4" />
      <span className="sr-only">{label}</span>
    </Link>
  );
}
