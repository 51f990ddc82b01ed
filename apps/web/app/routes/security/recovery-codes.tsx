import { Download, Printer } from "lucide-react";
import { Button, ButtonLink, buttonClass } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { usePortal } from "~/frame/portal-context";
import { CopyButton } from "./copy-button";
import { PAGE } from "./page-path";

/** Ten codes, shown once: to be copied, downloaded or printed. */
export function RecoveryCodesDialog({ codes }: { codes: string[] }) {
  const { me } = usePortal();
  const text = codes.join("\n");
  const file = `Guildhall recovery codes of ${me.email}\nEach works once.\n\n${text}\n`;
  return (
    <Dialog title="Keep your recovery codes" closeTo={PAGE}>
      <div className="grid gap-4">
        <Notice tone="warning" title="They are shown only this once">
          Each lets you in once when your phone or passkey is lost. Keep them where you will find them then: in a
          password manager, or on paper.
        </Notice>
        <ul
          data-testid="recovery-codes"
          className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-md border border-line bg-sunken px-4 py-3 font-mono text-sm max-sm:grid-cols-1"
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="flex flex-wrap gap-2 print:hidden">
          <CopyButton text={text} />
          {/* The text is in the link itself: it works without scripts, and no server sees it again. */}
          <a
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(file)}`}
            download="guildhall-recovery-codes.txt"
            className={buttonClass({ size: "sm" })}
          >
            <Download aria-hidden className="size-4" />
            Download
          </a>
          <Button size="sm" className="noscript:hidden" onClick={() => window.print()}>
            <Printer aria-hidden className="size-4" />
            Print
          </Button>
        </div>
        <DialogActions>
          {/* A full load: nothing of the page remembers them. */}
          <ButtonLink look="primary" to={PAGE} replace reloadDocument>
            I have kept them
          </ButtonLink>
        </DialogActions>
      </div>
    </Dialog>
  );
}

export function RenewCodesDialog({ answer }: { answer: unknown }) {
  return (
    <Dialog title="Make new recovery codes?" closeTo={PAGE}>
      <ActionForm intent="renew-codes" result={resultOf(answer, "renew-codes")}>
        <p className="text-ink-muted">You get ten new codes. The ones you have stop working at once.</p>
        <DialogActions>
          <ButtonLink look="quiet" to={PAGE} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Making…">Make new codes</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
