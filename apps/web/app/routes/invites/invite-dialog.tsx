import { ButtonLink } from "~/components/button";
import { CopyField } from "~/components/copy-field";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Dialog, DialogActions } from "~/components/overlay";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";
import { RoleChoice } from "~/organization/role-choice";
import type { InviteMeans, IssuedInvite } from "./types";

interface InviteDialogProps {
  answer: unknown;
  means: InviteMeans;
  closeTo: string;
  /** Whom to invite again, as it was the last time. */
  again?: { email: string; role: string } | undefined;
}

/** Invites one person by e-mail. */
export function InviteDialog({ answer, means, closeTo, again }: InviteDialogProps) {
  const { organization } = useOrganization();
  const result = resultOf(answer, "invite");
  const values = result?.values ?? again;
  return (
    <Dialog
      title="Invite somebody"
      closeTo={closeTo}
      description={`They join ${organization.name} when they accept with an account of this address.`}
    >
      <ActionForm intent="invite" result={result}>
        <TextField
          name="email"
          label="E-mail"
          type="email"
          autoComplete="off"
          required
          autoFocus
          defaultValue={values?.email}
          error={result?.fieldErrors.email}
          hint={means.isMailed ? "The invite is sent there. It is valid for 7 days." : undefined}
        />
        <RoleChoice own={organization.role} chosen={values?.role ?? "member"} error={result?.fieldErrors.role} />
        {!means.isMailed && <NotMailed />}
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Inviting…">Invite</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

/** Said before an invite is made, where nobody would get it otherwise. */
export function NotMailed() {
  return (
    <Notice title="No mail is sent">
      This portal has no mail delivery. You get a link for each invite and hand it over yourself.
    </Notice>
  );
}

interface HandOverProps {
  issued: IssuedInvite;
  isResent: boolean;
  means: InviteMeans;
  closeTo: string;
}

/** The link of an invite that was just sent: shown once, to be handed over (S2.13). */
export function HandOver({ issued, isResent, means, closeTo }: HandOverProps) {
  const { email, acceptUrl, token, expiresAt } = issued;
  return (
    <Dialog
      title={isResent ? "Invite sent again" : "Invite made"}
      closeTo={closeTo}
      description={
        <>
          {means.isMailed ? `A mail is on its way to ${email}. ` : `No mail is sent: hand this link over to ${email}. `}
          {isResent && "Earlier links are dead. "}
          Valid for 7 days, until <Time at={expiresAt} isExact />.
        </>
      }
    >
      <div className="grid gap-4">
        {means.isMailed && (
          <p className="text-ink-muted text-sm">
            You can hand the invite over yourself as well. This link is shown only now; the mail carries another one,
            which also proves the address.
          </p>
        )}
        <CopyField label="Accept URL" value={acceptUrl} />
        <CopyField label="Token" value={token} />
        <DialogActions>
          <ButtonLink look="primary" to={closeTo} replace preventScrollReset>
            Done
          </ButtonLink>
        </DialogActions>
      </div>
    </Dialog>
  );
}
