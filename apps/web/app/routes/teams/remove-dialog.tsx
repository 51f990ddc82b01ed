import type { AssignedTeam } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { type NamedListing, namedSearch } from "~/forms/named-listing";
import { peopleText } from "~/organization/counts";
import { useOrganization } from "~/organization/organization-context";

interface RemoveDialogProps {
  team: AssignedTeam;
  listing: NamedListing;
  answer: unknown;
}

/** Ends a team's assignment (S0.11), after saying what ends with it. */
export function RemoveDialog({ team, listing, answer }: RemoveDialogProps) {
  const { organization } = useOrganization();
  const closeTo = `/o/${organization.slug}/teams${namedSearch(listing)}`;
  return (
    <Dialog title={`Remove ${team.name}?`} closeTo={closeTo}>
      <ActionForm intent="remove" result={resultOf(answer, "remove")}>
        <input type="hidden" name="teamId" value={team.teamId} />
        <input type="hidden" name="name" value={team.name} />
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>
            {peopleText(team.memberCount)} can no longer spend from this wallet, from the next charge on. Who is also a
            member still can.
          </li>
          <li>What was spent stays in the transactions.</li>
          <li>The team itself stays, and can be assigned again, here or elsewhere.</li>
        </ul>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Removing…">
            Remove team
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
