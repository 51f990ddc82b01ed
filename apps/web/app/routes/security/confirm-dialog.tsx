import { useLocation, useRevalidator } from "@remix-run/react";
import type { Factors } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { type FormResult, resultOf } from "~/forms/form-result";
import { PasskeyButton } from "~/passkeys/passkey-button";
import { PAGE } from "./page-path";

/**
 * Asks whether it is still the reader, then leads on to what they wanted. By password; who has a second factor, by that or a
 * recovery code: the password alone does not count then.
 */
export function ConfirmDialog({ factors, answer }: { factors: Factors; answer: unknown }) {
  const { revalidate } = useRevalidator();
  const then = useWanted();
  const hasFactor = factors.totp !== null || factors.passkeys.length > 0;
  return (
    <Dialog
      title="Is it you?"
      closeTo={PAGE}
      description="You signed in a while ago. Confirm that it is you before you change how you sign in."
    >
      <div className="grid gap-4">
        {factors.passkeys.length > 0 && (
          <PasskeyButton
            pendingLabel="Waiting for your passkey…"
            act={({ confirmWithPasskey }) => confirmWithPasskey()}
            onDone={revalidate}
          >
            Use a passkey
          </PasskeyButton>
        )}
        {hasFactor ? (
          <CodeForm then={then} hasApp={factors.totp !== null} result={resultOf(answer, "confirm-code")} />
        ) : (
          <PasswordForm then={then} result={resultOf(answer, "confirm-password")} />
        )}
      </div>
    </Dialog>
  );
}

/** The dialog that was asked for. */
function useWanted(): string {
  return `?${new URLSearchParams(useLocation().search)}`;
}

interface ProofFormProps {
  then: string;
  result: FormResult | undefined;
}

function PasswordForm({ then, result }: ProofFormProps) {
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
      <Actions />
    </ActionForm>
  );
}

function CodeForm({ then, hasApp, result }: ProofFormProps & { hasApp: boolean }) {
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
      <Actions />
    </ActionForm>
  );
}

function Actions() {
  return (
    <DialogActions>
      <ButtonLink look="quiet" to={PAGE} replace preventScrollReset>
        Cancel
      </ButtonLink>
      <SubmitButton pendingLabel="Checking…">Confirm</SubmitButton>
    </DialogActions>
  );
}
