import type { PlatformOrganization } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";

interface ChangeSlugDialogProps {
  organization: PlatformOrganization;
  answer: unknown;
}

/** Support's way to another slug. The reason stands in the organization's audit log, under the admin's name. */
export function ChangeSlugDialog({ organization, answer }: ChangeSlugDialogProps) {
  const result = resultOf(answer, "change-slug");
  const closeTo = `/admin/organizations/${organization.organizationId}`;
  return (
    <Dialog title="Change slug" closeTo={closeTo} description={<Consequence organization={organization} />}>
      <ActionForm intent="change-slug" result={result}>
        <TextField
          name="slug"
          label="New slug"
          required
          autoFocus
          maxLength={48}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          defaultValue={result?.values.slug ?? organization.slug}
          error={result?.fieldErrors.slug}
          hint="Letters a–z, digits and hyphens. It may be one that it had before."
        />
        <TextField
          name="reason"
          label="Reason"
          required
          maxLength={300}
          autoComplete="off"
          defaultValue={result?.values.reason}
          error={result?.fieldErrors.reason}
          hint="Its owners and admins read it in their audit log, with your name."
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Changing…">Change slug</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

function Consequence({ organization: { name, slug } }: Pick<ChangeSlugDialogProps, "organization">) {
  return (
    <>
      Every page of {name} moves to the new address at once. Links to{" "}
      <strong className="font-medium text-ink">{slug}</strong> go on working for its members.
    </>
  );
}
