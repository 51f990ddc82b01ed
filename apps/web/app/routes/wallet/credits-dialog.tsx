import { formatCredits } from "@guildhall/shared";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";

export type CreditsMove = "add-credits" | "deduct-credits";

const TEXTS = {
  "add-credits": { title: "Add Credits", field: "description", label: "Description", pending: "Adding…" },
  "deduct-credits": { title: "Deduct Credits", field: "reason", label: "Reason", pending: "Deducting…" },
} as const;

/** Adds or deducts credits (S0.17, S0.18). The balance moves when the server says so, never before. */
export function CreditsDialog({ kind, answer }: { kind: CreditsMove; answer: unknown }) {
  const { organization, wallet } = useOrganization();
  const result = resultOf(answer, kind);
  const { title, field, label, pending } = TEXTS[kind];
  const closeTo = `/o/${organization.slug}/wallet`;
  return (
    <Dialog
      title={title}
      closeTo={closeTo}
      description={
        <>
          {organization.name} has{" "}
          <span className="figures font-medium text-ink">{formatCredits(wallet.balanceMicro)}</span> credits.
        </>
      }
    >
      <ActionForm intent={kind} result={result}>
        <IdempotencyKey sent={result?.values.idempotencyKey} />
        <TextField
          name="amount"
          label="Amount"
          unit="credits"
          inputMode="decimal"
          autoComplete="off"
          placeholder="1,000"
          autoFocus
          required
          defaultValue={result?.values.amount}
          error={result?.fieldErrors.amount}
          className="figures"
        />
        <TextField
          name={field}
          label={label}
          isOptional={kind === "add-credits"}
          maxLength={200}
          autoComplete="off"
          required={kind === "deduct-credits"}
          hint={kind === "deduct-credits" ? "Everybody who may see the transactions reads it." : undefined}
          defaultValue={result?.values[field]}
          error={result?.fieldErrors[field]}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel={pending}>{title}</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
