import { formatCredits } from "@guildhall/shared";
import { Link } from "@remix-run/react";
import type { CreditPrice } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { Dialog, DialogActions } from "~/components/overlay";
import { type FormResult, resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";
import { PaymentField } from "./payment-field";
import { useDialogPaths } from "./use-dialog-paths";

export type CreditsMove = "add-credits" | "deduct-credits";

const TEXTS = {
  "add-credits": { title: "Add Credits", field: "description", label: "Description", pending: "Adding…" },
  "deduct-credits": { title: "Deduct Credits", field: "reason", label: "Reason", pending: "Deducting…" },
} as const;

/** How the credits to add are said, where they have a price. */
interface Sale {
  price: CreditPrice;
  isByPayment: boolean;
}

/** Adds or deducts credits (S0.17, S0.18). The balance moves when the server says so, never before. */
export function CreditsDialog({ kind, answer, sale }: { kind: CreditsMove; answer: unknown; sale?: Sale }) {
  const { organization, wallet } = useOrganization();
  const { title, pending } = TEXTS[kind];
  const result = resultOf(answer, kind);
  const { closed: closeTo } = useDialogPaths();
  const balance = <span className="figures font-medium text-ink">{formatCredits(wallet.balanceMicro)}</span>;
  return (
    <Dialog
      title={title}
      closeTo={closeTo}
      description={
        <>
          {organization.name} has {balance} credits.
        </>
      }
    >
      <ActionForm intent={kind} result={result}>
        <IdempotencyKey sent={result?.values.idempotencyKey} />
        {sale && <WayToSay {...sale} />}
        {sale?.isByPayment ? <PaymentField price={sale.price} result={result} /> : <AmountField result={result} />}
        <WordsField kind={kind} result={result} />
        {kind === "add-credits" && !sale?.isByPayment && <EndField result={result} />}
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

/** Two links, so that the choice works before any script has loaded. */
function WayToSay({ isByPayment, price }: Sale) {
  const { open } = useDialogPaths();
  const ways = [
    { dialog: "add-credits", label: "In credits", isCurrent: !isByPayment },
    { dialog: "add-paid-credits", label: `Paid in ${price.currency}`, isCurrent: isByPayment },
  ];
  return (
    <nav aria-label="How to enter the amount" className="grid grid-cols-2 gap-1 rounded-lg bg-sunken p-1">
      {ways.map(({ dialog, label, isCurrent }) => (
        <Link
          key={dialog}
          to={open(dialog)}
          replace
          preventScrollReset
          aria-current={isCurrent ? "true" : undefined}
          className="rounded-md px-3 py-1.5 text-center font-medium text-ink-muted text-sm hover:text-ink aria-[current=true]:bg-surface aria-[current=true]:text-ink aria-[current=true]:shadow-sm"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

function AmountField({ result }: { result: FormResult | undefined }) {
  return (
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
  );
}

/** What the movement is for: may be left out when credits are added, must be said when they are deducted. */
function WordsField({ kind, result }: { kind: CreditsMove; result: FormResult | undefined }) {
  const { field, label } = TEXTS[kind];
  const isRequired = kind === "deduct-credits";
  return (
    <TextField
      name={field}
      label={label}
      isOptional={!isRequired}
      maxLength={200}
      autoComplete="off"
      required={isRequired}
      hint={isRequired ? "Everybody who may see the transactions reads it." : undefined}
      defaultValue={result?.values[field]}
      error={result?.fieldErrors[field]}
    />
  );
}

/** Credits with an end are promotional ones, and granted as such. */
function EndField({ result }: { result: FormResult | undefined }) {
  return (
    <TextField
      name="expiresAt"
      label="Expires"
      type="date"
      isOptional
      defaultValue={result?.values.expiresAt}
      error={result?.fieldErrors.expiresAt}
      hint="With a date the credits are promotional: they are spent first, and what is left ends with that day (UTC)."
    />
  );
}
