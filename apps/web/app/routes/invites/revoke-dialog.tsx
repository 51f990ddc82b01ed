import type { Invite } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";

/** Asks before an invite is taken back: it cannot be undone, only be followed by a new one. */
export function RevokeDialog({ invite, answer, closeTo }: { invite: Invite; answer: unknown; closeTo: string }) {
  const result = resultOf(answer, "revoke");
  return (
    <Dialog title={`Revoke the invite of ${invite.email}?`} closeTo={closeTo}>
      <ActionForm intent="revoke" result={result}>
        <input type="hidden" name="inviteId" value={invite.inviteId} />
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>Its links stop working at once, the mailed one included.</li>
          <li>A revoked invite stays revoked. You can invite the address again, with a new link.</li>
        </ul>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
            Keep it
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Revoking…">
            Revoke
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
