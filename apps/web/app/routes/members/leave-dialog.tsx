import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";

interface LeaveDialogProps {
  ownerCount: number;
  answer: unknown;
  closeTo: string;
}

/** The way out of an organization, with what it means; for the last owner why there is none yet. */
export function LeaveDialog({ ownerCount, answer, closeTo }: LeaveDialogProps) {
  const { organization } = useOrganization();
  if (organization.role === "owner" && ownerCount < 2) return <StayDialog closeTo={closeTo} />;
  const result = resultOf(answer, "leave");
  return (
    <Dialog title={`Leave ${organization.name}?`} closeTo={closeTo}>
      <ActionForm intent="leave" result={result}>
        <input type="hidden" name="name" value={organization.name} />
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>You lose access to {organization.name} at once, in every tab. To come back you need a new invite.</li>
          <li>Its credits stay its own; what you spent stays in its transactions.</li>
          <li>API keys that you made go on working. Invites that you sent can no longer be accepted.</li>
          <li>Your account, your own wallet and your other organizations stay as they are.</li>
        </ul>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
            Stay
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Leaving…">
            Leave
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

function StayDialog({ closeTo }: { closeTo: string }) {
  const { organization } = useOrganization();
  return (
    <Dialog title={`You cannot leave ${organization.name} yet`} closeTo={closeTo}>
      <Notice tone="warning" title="You are its only owner">
        An organization needs an owner. Make another member an owner, or offer somebody the ownership; once they are
        one, you can leave.
      </Notice>
      <DialogActions>
        <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
          Close
        </ButtonLink>
        <ButtonLink look="primary" to={`/o/${organization.slug}/ownership`}>
          Offer the ownership
        </ButtonLink>
      </DialogActions>
    </Dialog>
  );
}
