import { browserApi } from "~/api/browser-client";
import type { ReceivedInvite } from "~/api/types";
import { Avatar } from "~/components/avatar";
import { Card } from "~/components/card";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { RefreshNotice } from "~/components/refresh-notice";
import { Time } from "~/components/time";
import { type FormResult, resultOf } from "~/forms/form-result";
import { useHinted } from "~/live/use-hinted";
import { roleLabel } from "~/organization/roles";

const read = () => browserApi().invites.received.query();

/** What the reader's address is invited to, kept live; nothing where there is nothing. */
export function ReceivedInvites({ fresh, answer }: { fresh: ReceivedInvite[]; answer: unknown }) {
  const { data: invites, refetch, refreshError } = useHinted({ fresh, read });
  const refused = resultOf(answer, "accept-invite") ?? resultOf(answer, "decline-invite");
  if (invites.length === 0 && !refused && !refreshError) return null;
  return (
    <Card title="You are invited" isFlush className="mb-6 overflow-hidden">
      <RefreshNotice message={refreshError} onRetry={refetch} />
      {refused && <Refused result={refused} />}
      <ul>
        {invites.map((invite) => (
          <li
            key={invite.inviteId}
            data-testid="received-invite"
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line px-4 py-3 not-first:border-t"
          >
            <Avatar name={invite.organizationName} shape="organization" />
            <div className="grid min-w-48 flex-1">
              <span className="font-medium">{invite.organizationName}</span>
              <span className="text-ink-muted text-sm">
                {invite.inviterName} invites you as {roleLabel(invite.role)}. Expires <Time at={invite.expiresAt} />.
              </span>
            </div>
            <Answers invite={invite} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Answers({ invite: { organizationId, inviteId, organizationName } }: { invite: ReceivedInvite }) {
  const about = (
    <>
      <input type="hidden" name="organizationId" value={organizationId} />
      <input type="hidden" name="inviteId" value={inviteId} />
      <input type="hidden" name="name" value={organizationName} />
    </>
  );
  return (
    <div className="flex gap-2">
      <ActionForm intent="decline-invite" className="inline-grid">
        {about}
        <SubmitButton look="quiet" size="sm" pendingLabel="Declining…">
          Decline<span className="sr-only"> the invite of {organizationName}</span>
        </SubmitButton>
      </ActionForm>
      <ActionForm intent="accept-invite" className="inline-grid">
        {about}
        <SubmitButton look="secondary" size="sm" pendingLabel="Joining…">
          Accept<span className="sr-only"> the invite of {organizationName}</span>
        </SubmitButton>
      </ActionForm>
    </div>
  );
}

function Refused({ result: { formError } }: { result: FormResult }) {
  return (
    <Notice tone="warning" className="m-3">
      {formError}
    </Notice>
  );
}
