import type { PlatformPerson } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { usePortal } from "~/frame/portal-context";

interface ResetFactorDialogProps {
  person: PlatformPerson;
  closeTo: string;
  answer: unknown;
}

/** Takes every factor off somebody's account, after saying what that means and asking for their address. */
export function ResetFactorDialog({ person, closeTo, answer }: ResetFactorDialogProps) {
  const { delivery } = usePortal().email;
  const result = resultOf(answer, "reset-factor");
  return (
    <Dialog title={`Reset the second factor of ${person.name}?`} closeTo={closeTo}>
      <ActionForm intent="reset-factor" result={result}>
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>Their authenticator app, passkeys and recovery codes are removed for good.</li>
          <li>They are signed out everywhere, and sign in with their password alone.</li>
          <li>Organizations that require a second factor keep them out until they set one up again.</li>
          <li>
            {delivery === "off"
              ? "This portal sends no mail: tell them yourself. Their audit log names you."
              : "They get a mail that names you, and so does their audit log."}
          </li>
        </ul>
        <TextField
          name="email"
          label="Address of the account"
          hint={`Type ${person.email} to confirm.`}
          type="email"
          autoComplete="off"
          autoFocus
          required
          defaultValue={result?.values.email}
          error={result?.fieldErrors.email}
        />
        <TextField
          name="reason"
          label="Reason"
          hint="How you made sure who asks. It stands in their audit log, with your name."
          autoComplete="off"
          maxLength={300}
          required
          defaultValue={result?.values.reason}
          error={result?.fieldErrors.reason}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Resetting…">
            Reset second factor
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
