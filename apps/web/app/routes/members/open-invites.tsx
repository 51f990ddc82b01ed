import { MailPlus } from "lucide-react";
import { useMemo } from "react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Invite, InvitePage } from "~/api/types";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { joinInvites, mergeInvites } from "~/live/merge-invites";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { roleLabel } from "~/organization/roles";

const COLUMNS: readonly Column[] = [
  { label: "E-mail", className: "w-full" },
  { label: "Role", isWideOnly: true },
  { label: "Invited by", isWideOnly: true },
  { label: "Expires", isWideOnly: true },
];

/** As many as stand beside the members; the others are on the page of the invites. */
const SHOWN = 5;

/** The newest invites that nobody has accepted yet, kept live, and the way to all of them. */
export function OpenInvites({ fresh, asOf }: { fresh: InvitePage; asOf: string }) {
  const { organization } = useOrganization();
  const api = useApi();
  const input = { organization: organization.slug, states: ["pending" as const] };
  const { data, refetch, refreshError } = useLiveData({
    key: api.invites.list.queryKey(input),
    fresh,
    asOf,
    merge: useMemo(() => mergeInvites(["pending"]), []),
    read: () => browserApi().invites.list.query(input),
    join: joinInvites,
  });
  const { pending } = data.counts;
  return (
    <Card
      title="Open invites"
      isFlush
      className="overflow-hidden"
      actions={
        <ButtonLink size="sm" to={`/o/${organization.slug}/invites`}>
          {pending > SHOWN ? `All ${pending.toLocaleString("en-US")} and earlier ones` : "All invites"}
        </ButtonLink>
      }
    >
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {data.items.length === 0 ? (
        <EmptyState icon={MailPlus} title="No open invites">
          Whoever you invite stands here until they accept.
        </EmptyState>
      ) : (
        <Table caption="Open invites" columns={COLUMNS}>
          {data.items.slice(0, SHOWN).map((invite) => (
            <InviteRow key={invite.inviteId} invite={invite} />
          ))}
        </Table>
      )}
    </Card>
  );
}

function InviteRow({ invite: { email, role, invitedByName, expiresAt } }: { invite: Invite }) {
  return (
    <tr data-testid="invite">
      <Cell>
        {email}
        <span className="block text-ink-muted text-xs md:hidden">{roleLabel(role)}</span>
      </Cell>
      <Cell isWideOnly>
        <Badge>{roleLabel(role)}</Badge>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        {invitedByName}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={expiresAt} />
      </Cell>
    </tr>
  );
}
