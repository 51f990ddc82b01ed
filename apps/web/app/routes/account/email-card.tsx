import { useActionData, useSearchParams } from "@remix-run/react";
import { useState } from "react";
import type { Factors } from "~/api/types";
import { Badge } from "~/components/badge";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { MailDeliveryNote } from "~/components/mail-delivery-note";
import { Notice } from "~/components/notice";
import { ConfirmGate } from "~/confirmation/confirm-gate";
import { type FormResult, resultOf } from "~/forms/form-result";
import { usePortal } from "~/frame/portal-context";

/** What the page's address says while somebody is about to change theirs. */
export const CHANGE_DIALOG = "change-email";

/** The person's address: proved or not, and how to change it. */
export function EmailCard({ factors }: { factors: Factors }) {
  const { email } = usePortal();
  return (
    <Card title="E-mail" description="You sign in with it, and it is where the portal writes to you.">
      <div className="grid gap-5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <span className="font-medium">{email.email}</span>
          <Badge tone={email.isVerified ? "positive" : "warning"}>
            {email.isVerified ? "Verified" : "Not verified"}
          </Badge>
        </div>
        {!email.isVerified && email.delivery !== "off" && <ResendForm />}
        {email.pendingEmail && <Pending email={email.pendingEmail} />}
        {email.delivery !== "off" && <Change key={email.email} factors={factors} />}
        <MailDeliveryNote delivery={email.delivery} />
      </div>
    </Card>
  );
}

function ResendForm() {
  const result = resultOf(useActionData(), "send-verification");
  return (
    <ActionForm intent="send-verification" action="/settings/account" result={result}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-ink-muted text-sm">Follow the link that was mailed to you, or get a new one.</p>
        <SubmitButton size="sm" look="secondary" pendingLabel="Sending…">
          Send a new link
        </SubmitButton>
      </div>
    </ActionForm>
  );
}

function Pending({ email }: { email: string }) {
  const result = resultOf(useActionData(), "cancel-email");
  return (
    <Notice title={`${email} is not confirmed yet`}>
      <ActionForm intent="cancel-email" result={result}>
        <p>A link went there. Until it is followed, nothing changes; it works for a day.</p>
        <div>
          <SubmitButton size="sm" look="secondary" pendingLabel="Taking it back…">
            Keep the old address
          </SubmitButton>
        </div>
      </ActionForm>
    </Notice>
  );
}

function Change({ factors }: { factors: Factors }) {
  const result = resultOf(useActionData(), "change-email");
  const [search] = useSearchParams();
  const isWanted = search.get("dialog") === CHANGE_DIALOG;
  // Opened once, it stays: a proof that is asked for in between would otherwise close it over what was typed.
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      open={result || isWanted || isOpen ? true : undefined}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="group"
    >
      <summary className="w-fit cursor-pointer font-medium text-accent-ink">Change the address</summary>
      <div className="mt-4">
        <ConfirmGate factors={factors} dialog={CHANGE_DIALOG} then="change your address">
          <ChangeForm result={result} />
        </ConfirmGate>
      </div>
    </details>
  );
}

function ChangeForm({ result }: { result: FormResult | undefined }) {
  return (
    <ActionForm intent="change-email" result={result}>
      <TextField
        name="email"
        label="New e-mail"
        type="email"
        autoComplete="email"
        inputMode="email"
        required
        defaultValue={result?.values.email}
        error={result?.fieldErrors.email}
        hint="A link goes there first. Your present address is told at once, and again when the new one is confirmed."
      />
      <TextField
        name="password"
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        error={result?.fieldErrors.password}
      />
      <div>
        <SubmitButton pendingLabel="Sending…">Send the link</SubmitButton>
      </div>
    </ActionForm>
  );
}
