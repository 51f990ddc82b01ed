import type { Factors } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { CopyField } from "~/components/copy-field";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { LastFactorNotice } from "./last-factor-notice";
import { PAGE } from "./page-path";

/** What an app is set up with. */
export interface TotpSetup {
  secret: string;
  /** What the QR code says; opens an app on this device. */
  uri: string;
  qr: { size: number; path: string };
}

interface TotpDialogProps {
  setup: TotpSetup | null;
  isReplaced: boolean;
  answer: unknown;
}

/** Sets an authenticator app up: scan or type the secret, then type a code that it shows. */
export function TotpDialog({ setup, isReplaced, answer }: TotpDialogProps) {
  const title = isReplaced ? "Replace the authenticator app" : "Set up an authenticator app";
  if (!setup) return <BeginDialog title={title} answer={answer} />;
  const result = resultOf(answer, "add-totp");
  return (
    <Dialog title={title} closeTo={PAGE}>
      <ol className="grid gap-5">
        <li className="grid gap-3">
          <p>
            <strong className="font-medium">1.</strong> Scan this with the app
            {isReplaced && "; the old one works until you are done"}.
          </p>
          <QrCode {...setup.qr} />
          <details className="text-sm">
            <summary className="text-ink-muted">It cannot be scanned?</summary>
            <div className="mt-2 grid gap-3">
              <p>
                <a href={setup.uri} className="font-medium text-accent-ink underline underline-offset-2">
                  Open it in an app on this device
                </a>
              </p>
              <CopyField label="Type this secret instead" value={setup.secret.replaceAll(/.{4}(?=.)/g, "$& ")} />
            </div>
          </details>
        </li>
        <li>
          <ActionForm intent="add-totp" result={result}>
            <TextField
              name="code"
              label="2. Type the six digits that it shows"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              maxLength={12}
              className="figures tracking-widest"
              error={result?.fieldErrors.code}
            />
            <DialogActions>
              <ButtonLink look="quiet" to={PAGE} replace preventScrollReset>
                Cancel
              </ButtonLink>
              <SubmitButton pendingLabel="Checking…">Turn on</SubmitButton>
            </DialogActions>
          </ActionForm>
        </li>
      </ol>
    </Dialog>
  );
}

/** Always dark on white, whatever the theme: that is what cameras read. */
function QrCode({ size, path }: TotpSetup["qr"]) {
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code for your authenticator app"
      shapeRendering="crispEdges"
      className="mx-auto size-48 rounded-md border border-line"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** Somebody came here by the address, or the secret has expired. */
function BeginDialog({ title, answer }: { title: string; answer: unknown }) {
  return (
    <Dialog
      title={title}
      closeTo={PAGE}
      description="You need an app that shows one-time codes, on your phone or in your password manager."
    >
      <ActionForm intent="begin-totp" result={resultOf(answer, "add-totp") ?? resultOf(answer, "begin-totp")}>
        <DialogActions>
          <ButtonLink look="quiet" to={PAGE} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Preparing…">Show the QR code</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

export function RemoveTotpDialog({ factors, answer }: { factors: Factors; answer: unknown }) {
  return (
    <Dialog title="Remove the authenticator app?" closeTo={PAGE}>
      <ActionForm intent="remove-totp" result={resultOf(answer, "remove-totp")}>
        <p className="text-ink-muted">Its codes stop working at once. Delete the entry in the app as well.</p>
        {factors.passkeys.length === 0 && <LastFactorNotice />}
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
