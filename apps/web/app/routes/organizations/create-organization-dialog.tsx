import { useState } from "react";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { SlugField } from "~/organization/slug-field";

/** Creates one more organization: a name is enough, the slug follows it until it is edited. */
export function CreateOrganizationDialog({ answer }: { answer: unknown }) {
  const result = resultOf(answer, "create-organization");
  const [name, setName] = useState(result?.values.name ?? "");
  const closeTo = "/settings/organizations";
  return (
    <Dialog title="Create Organization" closeTo={closeTo} description="You become its owner; invite others afterwards.">
      <ActionForm intent="create-organization" result={result}>
        <IdempotencyKey sent={result?.values.idempotencyKey} />
        <TextField
          name="name"
          label="Organization name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={result?.fieldErrors.name}
        />
        <SlugField
          name={name}
          initial={result?.values.slug ?? ""}
          isTyped={Boolean(result?.values.slug)}
          error={result?.fieldErrors.slug}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Creating…">Create Organization</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
