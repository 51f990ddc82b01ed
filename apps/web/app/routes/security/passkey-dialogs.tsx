import { useNavigate, useRevalidator } from "@remix-run/react";
import { Fingerprint } from "lucide-react";
import { type FormEvent, useState } from "react";
import { readApiError } from "~/api/read-error";
import type { Factors, Passkey } from "~/api/types";
import { Button, ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Dialog, DialogActions } from "~/components/overlay";
import { useToast } from "~/components/toaster";
import { resultOf } from "~/forms/form-result";
import { usePasskey } from "~/passkeys/passkey-button";
import { LastFactorNotice } from "./last-factor-notice";
import { PAGE } from "./page-path";
import { RecoveryCodesDialog } from "./recovery-codes";

/** Names a new passkey and has the browser make it. The first factor brings the recovery codes. */
export function AddPasskeyDialog() {
  const [name, setName] = useState("");
  const [codes, setCodes] = useState<string[] | null>(null);
  const navigate = useNavigate();
  const { revalidate } = useRevalidator();
  const say = useToast();
  const { isPending, failure, run } = usePasskey(
    async ({ addPasskey }) => {
      const made = await addPasskey(name.trim()).catch((error) => {
        // The proof ran out while the dialog was open: the page then asks for it.
        if (readApiError(error)?.code === "confirmation_required") revalidate();
        throw error;
      });
      revalidate();
      if (made) return setCodes(made);
      say("The passkey was added.");
      navigate(PAGE, { replace: true, preventScrollReset: true });
    },
    () => undefined,
  );
  if (codes) return <RecoveryCodesDialog codes={codes} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isPending) void run();
  };
  return (
    <Dialog
      title="Add a passkey"
      closeTo={PAGE}
      description="Your browser asks you to confirm with your fingerprint, your face, a PIN or a security key."
    >
      <noscript>
        <Notice title="Passkeys need JavaScript">Turn it on for this site, or set up an authenticator app.</Notice>
      </noscript>
      <form onSubmit={submit} noValidate className="grid gap-4 noscript:hidden">
        {failure && <Notice tone="danger" title={failure} />}
        <TextField
          name="name"
          label="Name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          placeholder="Work laptop"
          hint="So that you recognize it in the list."
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={PAGE} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <Button type="submit" look="primary" isPending={isPending}>
            {!isPending && <Fingerprint aria-hidden className="size-4" />}
            {isPending ? "Waiting for your device…" : "Create passkey"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface PasskeyDialogProps {
  passkey: Passkey;
  answer: unknown;
}

export function RenamePasskeyDialog({ passkey, answer }: PasskeyDialogProps) {
  const result = resultOf(answer, "rename-passkey");
  return (
    <Dialog title={`Rename ${passkey.name}`} closeTo={PAGE}>
      <ActionForm intent="rename-passkey" result={result}>
        <input type="hidden" name="passkeyId" value={passkey.passkeyId} />
        <TextField
          name="name"
          label="Name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          defaultValue={result?.values.name ?? passkey.name}
          error={result?.fieldErrors.name}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={PAGE} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Saving…">Rename</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

export function RemovePasskeyDialog({ passkey, factors, answer }: PasskeyDialogProps & { factors: Factors }) {
  const isLast = factors.totp === null && factors.passkeys.length === 1;
  return (
    <Dialog title={`Remove ${passkey.name}?`} closeTo={PAGE}>
      <ActionForm intent="remove-passkey" result={resultOf(answer, "remove-passkey")}>
        <input type="hidden" name="passkeyId" value={passkey.passkeyId} />
        <p className="text-ink-muted">
          It no longer signs you in. Your device may go on offering it until you delete it there, too.
        </p>
        {isLast && <LastFactorNotice />}
        <DialogActions>
          <ButtonLink look="quiet" to={PAGE} replace preventScrollReset autoFocus>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Removing…">
            Remove
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
