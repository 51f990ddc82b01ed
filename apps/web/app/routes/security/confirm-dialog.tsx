import { useLocation, useRevalidator, useSearchParams } from "@remix-run/react";
import type { Factors } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { TextLink } from "~/components/text-link";
import { type FormResult, resultOf } from "~/forms/form-result";
import { PasskeyButton } from "~/passkeys/passkey-button";
import { PAGE } from "./page-path";

/** Asks whether it is still the reader, then leads on to what they wanted. By password, passkey, or a code. */
export function ConfirmDialog({ factors, answer }: { factors: Factors; answer: unknown }) {
  const [search] = useSearchParams();
  const { revalidate } = useRevalidator();
  const then = useWanted();
  const isByCode = search.get("by") === "code" && factors.totp !== null;
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
        {isByCode ? (
          <CodeForm then={then} result={resultOf(answer, "confirm-code")} />
        ) : (
          <PasswordForm then={then} result={resultOf(answer, "confirm-password")} />
        )}
        {factors.totp && (
          <p className="text-sm">
            <TextLink to={isByCode ? then : `${then}&by=code`} replace preventScrollReset>
              {isByCode ? "Use your password" : "Use a code of your authenticator app"}
            </TextLink>
          </p>
        )}
      </div>
    </Dialog>
  );
}

/** The dialog that was asked for, without what this one adds. */
function useWanted(): string {
  const { search } = useLocation();
  const wanted = new URLSearchParams(search);
  wanted.delete("by");
  return `?${wanted}`;
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

function CodeForm({ then, result }: ProofFormProps) {
  return (
    <ActionForm intent="confirm-code" result={result}>
      <input type="hidden" name="then" value={then} />
      <TextField
        name="code"
        label="Code of your authenticator app"
        inputMode="numeric"
        autoComplete="one-time-code"
        autoFocus
        required
        maxLength={64}
        className="figures"
        hint="A recovery code works, too."
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
