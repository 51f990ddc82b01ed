import type { EnterpriseTeam } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { peopleText } from "~/organization/counts";

interface TeamDialogProps {
  team: EnterpriseTeam;
  closeTo: string;
  answer: unknown;
}

/** Gives the team another name. */
export function RenameTeamDialog({ team, closeTo, answer }: TeamDialogProps) {
  const result = resultOf(answer, "rename");
  return (
    <Dialog title={`Rename ${team.name}`} closeTo={closeTo}>
      <ActionForm intent="rename" result={result}>
        <TextField
          name="name"
          label="Name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          defaultValue={result?.values.name ?? team.name}
          error={result?.fieldErrors.name}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Renaming…">Rename</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

/** Ends the team for good, after saying what that means and asking for its name. */
export function DeleteTeamDialog({ team, closeTo, answer }: TeamDialogProps) {
  const result = resultOf(answer, "delete");
  return (
    <Dialog title={`Delete ${team.name}?`} closeTo={closeTo}>
      <ActionForm intent="delete" result={result}>
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>
            {team.organizationName
              ? `${peopleText(team.memberCount)} can no longer spend from the wallet of ${team.organizationName}, from the next charge on.`
              : `${peopleText(team.memberCount)} are in it; it is assigned to no organization.`}
          </li>
          <li>Their accounts and memberships stay. What was spent stays in the transactions.</li>
          <li>A deleted team cannot be brought back.</li>
        </ul>
        <TextField
          name="typedName"
          label={`Type ${team.name} to confirm`}
          required
          autoFocus
          autoComplete="off"
          defaultValue={result?.values.typedName}
          error={result?.fieldErrors.typedName}
        />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Deleting…">
            Delete team
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
