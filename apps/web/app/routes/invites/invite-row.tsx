import { useLocation } from "@remix-run/react";
import type { Invite } from "~/api/types";
import { Badge, type BadgeTone } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Cell } from "~/components/table";
import { Time, useNow } from "~/components/time";
import { type InviteState, inviteStateLabel, stateNow } from "~/organization/invite-states";
import { useOrganization } from "~/organization/organization-context";
import { mayTouch, roleLabel } from "~/organization/roles";
import { resendIntent } from "./types";

const TONES: Record<InviteState, BadgeTone> = {
  pending: "accent",
  expired: "warning",
  accepted: "positive",
  declined: "neutral",
  revoked: "neutral",
};

/** One invite: whom, as what, what became of it, and what can still be done. */
export function InviteRow({ invite }: { invite: Invite }) {
  const { email, role, invitedByName } = invite;
  const state = stateNow(invite, useNow());
  return (
    <tr data-testid="invite" data-state={state}>
      <Cell>
        {email}
        <span className="mt-1 grid justify-items-start gap-1 text-ink-muted text-xs md:hidden">
          {roleLabel(role)}
          <State invite={invite} state={state} />
        </span>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap">
        {roleLabel(role)}
      </Cell>
      <Cell isWideOnly>
        <span className="grid w-44 justify-items-start gap-1 text-ink-muted text-xs">
          <State invite={invite} state={state} />
        </span>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <span className="grid">
          {invitedByName}
          <Time at={invite.sentAt} className="text-xs" />
        </span>
      </Cell>
      <Cell>
        <Actions invite={invite} state={state} />
      </Cell>
    </tr>
  );
}

interface Shown {
  invite: Invite;
  state: InviteState;
}

function State(shown: Shown) {
  return (
    <>
      <StateBadge {...shown} />
      <span>
        <Course {...shown} />
      </span>
    </>
  );
}

function StateBadge({ invite, state }: Shown) {
  if (state === "pending" && !invite.canBeAccepted) return <Badge tone="danger">Not valid</Badge>;
  return <Badge tone={TONES[state]}>{inviteStateLabel(state)}</Badge>;
}

/** When it ends or ended; for one that nobody can accept, why. */
function Course({ invite, state }: Shown) {
  if (state === "pending" && !invite.canBeAccepted) {
    return <>{invite.invitedByName} lost the right to give this role. Resend it to take it over.</>;
  }
  if (state === "pending") {
    return (
      <>
        Expires <Time at={invite.expiresAt} />
      </>
    );
  }
  return <Time at={state === "expired" ? invite.expiresAt : (invite.endedAt ?? invite.expiresAt)} />;
}

/** Nobody sends or takes back an invite to a role above their own. */
function Actions({ invite, state }: Shown) {
  const { organization } = useOrganization();
  const { search } = useLocation();
  if (state === "accepted" || !mayTouch(organization.role, invite.role)) return null;
  const about = (dialog: string) => {
    const parameters = new URLSearchParams(search);
    parameters.set("dialog", dialog);
    parameters.set("invite", invite.inviteId);
    return `?${parameters}`;
  };
  const of = <span className="sr-only"> the invite of {invite.email}</span>;
  return (
    <span className="flex justify-end gap-1 max-md:flex-col max-md:items-end">
      {state === "pending" || (state === "expired" && invite.endedAt === null) ? (
        <ActionForm intent={resendIntent(invite.inviteId)} className="inline-grid">
          <SubmitButton look="quiet" size="sm" pendingLabel="Sending…">
            Resend{of}
          </SubmitButton>
        </ActionForm>
      ) : (
        <ButtonLink look="quiet" size="sm" to={about("invite")} preventScrollReset>
          Invite again<span className="sr-only"> {invite.email}</span>
        </ButtonLink>
      )}
      {state === "pending" && (
        <ButtonLink look="quiet" size="sm" to={about("revoke")} preventScrollReset>
          Revoke{of}
        </ButtonLink>
      )}
    </span>
  );
}
