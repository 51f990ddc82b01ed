import { useLocation, useNavigate } from "@remix-run/react";
import type { Factors } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { type FormResult, resultOf } from "~/forms/form-result";
import { PasskeyButton } from "~/passkeys/passkey-button";
import { hasFactor } from "./confirmation-due";

interface ConfirmDialogProps {
  factors: Factors;
  answer: unknown;
  /** The page that it is part of. */
  page: string;
  /** What is asked for: "Confirm that it is you before you …". */
  before: string;
  /** What the forms lead on to where the address says nothing: a dialog of the page, "?dialog=…". */
  orElse?: string;
}

/**
 * Asks whether it is still the reader, then leads on to what they wanted. By password; who has a second factor, by that or a
 * recovery code: the password alone does not count then.
 */
export function ConfirmDialog({ factors, answer, page, before, orElse = "" }: ConfirmDialogProps) {
  const navigate = useNavigate();
  const wanted = useWanted();
  const then = wanted || orElse;
  // To where the reader is already: that reads the page again, and forgets a refusal that asked for the proof.
  const goOn = () => navigate(`${page}${wanted}`, { replace: true, preventScrollReset: true });
  return (
    <Dialog
      title="Is it you?"
      closeTo={page}
      description={`You signed in a while ago. Confirm that it is you before you ${before}.`}
    >
      <div className="grid gap-4">
        {factors.passkeys.length > 0 && (
          <PasskeyButton
            pendingLabel="Waiting for your passkey…"
            act={({ confirmWithPasskey }) => confirmWithPasskey()}
            onDone={goOn}
          >
            Use a passkey
          </PasskeyButton>
        )}
        {hasFactor(factors) ? (
          <CodeForm page={page} then={then} hasApp={factors.totp !== null} result={resultOf(answer, "confirm-code")} />
        ) : (
          <PasswordForm page={page} then={then} result={resultOf(answer, "confirm-password")} />
        )}
      </div>
    </Dialog>
  );
}

/** The dialog that was asked for. */
function useWanted(): string {
  return useLocation().search;
}

interface ProofFormProps {
  page: string;
  then: string;
  result: FormResult | undefined;
}

function PasswordForm({ page, then, result }: ProofFormProps) {
  return (
    <ActionForm intent="confirm-password" result={result}>
      <input type="hidden" name="then" value={then} />
      <TextField
        name="password"
        label="Your password"
        type="password"
        autoComplete="current-password"
        autoFocus
        required
        error={result?.fieldErrors.password}
      />
      <Actions page={page} />
    </ActionForm>
  );
}

function CodeForm({ page, then, hasApp, result }: ProofFormProps & { hasApp: boolean }) {
  return (
    <ActionForm intent="confirm-code" result={result}>
      <input type="hidden" name="then" value={then} />
      <TextField
        name="code"
        label={hasApp ? "Code of your authenticator app" : "Recovery code"}
        autoComplete={hasApp ? "one-time-code" : "off"}
        autoFocus
        required
        maxLength={64}
        className="figures"
        hint={hasApp ? "A recovery code works, too." : "One of those that you kept. It works once."}
        error={result?.fieldErrors.code}
      />
      <Actions page={page} />
    </ActionForm>
  );
}

function Actions({ page }: { page: string }) {
  return (
    <DialogActions>
      <ButtonLink look="quiet" to={page} replace preventScrollReset>
        Cancel
      </ButtonLink>
      <SubmitButton pendingLabel="Checking…">Confirm</SubmitButton>
    </DialogActions>
  );
}
