import { formatCredits } from "@guildhall/shared";
import type { Member } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Field, TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { usePortal } from "~/frame/portal-context";
import { useOrganization } from "~/organization/organization-context";
import { useDialogPaths } from "./use-dialog-paths";

interface TransferDialogProps {
  members: Pick<Member, "userId" | "name">[];
  answer: unknown;
}

/** Passes credits to another organization of the reader's, or to a member's own wallet. */
export function TransferDialog({ members, answer }: TransferDialogProps) {
  const { organization, wallet } = useOrganization();
  const { closed } = useDialogPaths();
  const result = resultOf(answer, "transfer");
  return (
    <Dialog
      title="Transfer Credits"
      closeTo={closed}
      description={
        <>
          {organization.name} can pass on{" "}
          <span className="figures font-medium text-ink">{formatCredits(wallet.availableMicro)}</span> credits.
        </>
      }
    >
      <ActionForm intent="transfer" result={result}>
        <IdempotencyKey sent={result?.values.idempotencyKey} />
        <ReceiverField members={members} chosen={result?.values.receiver} error={result?.fieldErrors.receiver} />
        <TextField
          name="amount"
          label="Amount"
          unit="credits"
          inputMode="decimal"
          autoComplete="off"
          placeholder="1,000"
          required
          defaultValue={result?.values.amount}
          error={result?.fieldErrors.amount}
          className="figures"
        />
        <TextField
          name="reason"
          label="Reason"
          maxLength={200}
          autoComplete="off"
          required
          hint="It stands in both wallets’ transactions."
          defaultValue={result?.values.reason}
          error={result?.fieldErrors.reason}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closed} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Transferring…">Transfer Credits</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

/** Roles that may move an organization's credits; the server decides again. */
const ADJUSTERS: readonly string[] = ["owner", "billing_admin"];

function ReceiverField({
  members,
  chosen = "",
  error,
}: {
  members: TransferDialogProps["members"];
  chosen?: string | undefined;
  error?: string | undefined;
}) {
  const { organization } = useOrganization();
  const others = usePortal().organizations.filter(
    ({ id, role, status }) => id !== organization.id && ADJUSTERS.includes(role) && status === "active",
  );
  return (
    <Field
      name="receiver"
      label="To"
      error={error}
      hint="Your organizations where you may move credits, and members’ own wallets, which only they see."
    >
      {(control) => (
        <select
          {...control}
          required
          // biome-ignore lint/a11y/noAutofocus: whoever has opened the dialog begins here.
          autoFocus
          defaultValue={chosen}
          className="h-9 w-full rounded-md border border-line-control bg-surface px-2 aria-[invalid=true]:border-danger"
        >
          <option value="">Choose who gets them</option>
          {others.length > 0 && (
            <optgroup label="Organizations">
              {others.map(({ id, slug, name }) => (
                <option key={id} value={`organization:${slug}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          )}
          <optgroup label="Members’ own wallets">
            {members.map(({ userId, name }) => (
              <option key={userId} value={`member:${userId}`}>
                {name}
              </option>
            ))}
          </optgroup>
        </select>
      )}
    </Field>
  );
}
