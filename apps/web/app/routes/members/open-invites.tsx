import { MailPlus } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { useApi } from "~/api/query";
import type { Invite } from "~/api/types";
import { Badge } from "~/components/badge";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { ActionForm, SubmitButton } from "~/components/form";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time, useNow } from "~/components/time";
import { mergeInvites } from "~/live/merge-invites";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { roleLabel } from "~/organization/roles";

const COLUMNS: readonly Column[] = [
  { label: "E-mail", className: "w-full" },
  { label: "Role", isWideOnly: true },
  { label: "Invited by", isWideOnly: true },
  { label: "Expires", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

/** Invites that nobody has accepted yet, kept live. */
export function OpenInvites({ fresh, asOf }: { fresh: Invite[]; asOf: string }) {
  const { organization } = useOrganization();
  const api = useApi();
  const input = { organization: organization.slug };
  const { data, refetch, refreshError } = useLiveData({
    key: api.invites.list.queryKey(input),
    fresh,
    asOf,
    merge: mergeInvites,
    read: () => browserApi().invites.list.query(input),
  });
  return (
    <Card title="Open invites" isFlush className="overflow-hidden">
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {data.length === 0 ? (
        <EmptyState icon={MailPlus} title="No open invites">
          Whoever you invite stands here until they accept.
        </EmptyState>
      ) : (
        <Table caption="Open invites" columns={COLUMNS}>
          {data.map((invite) => (
            <InviteRow key={invite.inviteId} invite={invite} />
          ))}
        </Table>
      )}
    </Card>
  );
}

function InviteRow({ invite }: { invite: Invite }) {
  const { inviteId, email, role, invitedByName, expiresAt } = invite;
  const isExpired = Date.parse(expiresAt) <= useNow();
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
        {isExpired ? <Badge tone="warning">Expired</Badge> : <Time at={expiresAt} />}
      </Cell>
      <Cell className="text-right">
        <ActionForm intent="revoke-invite" className="inline-grid">
          <input type="hidden" name="inviteId" value={inviteId} />
          <SubmitButton look="quiet" size="sm" pendingLabel="Revoking…">
            Revoke<span className="sr-only"> the invite of {email}</span>
          </SubmitButton>
        </ActionForm>
      </Cell>
    </tr>
  );
}
