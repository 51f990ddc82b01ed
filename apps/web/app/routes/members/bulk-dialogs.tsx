import type { Member } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { useOrganization } from "~/organization/organization-context";
import { RoleChoice } from "~/organization/role-choice";

/** How many names are written out. */
const NAMED = 5;

interface BulkDialogProps {
  chosen: readonly Member[];
  /** The page without the dialog: closing leads there, and so does the answer. */
  closeTo: string;
}

/** One role for everybody who is ticked. */
export function BulkRoleDialog({ chosen, closeTo }: BulkDialogProps) {
  const { organization } = useOrganization();
  return (
    <Dialog title={`Role of ${people(chosen.length)}`} closeTo={closeTo} description={<Names chosen={chosen} />}>
      <ActionForm intent="bulk-role" action={closeTo}>
        <Chosen chosen={chosen} />
        <RoleChoice own={organization.role} chosen={commonRole(chosen)} />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel={`Changing ${chosen.length}…`}>Change {roles(chosen.length)}</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

/** Ends the membership of everybody who is ticked. */
export function BulkRemoveDialog({ chosen, closeTo }: BulkDialogProps) {
  const { organization } = useOrganization();
  return (
    <Dialog title={`Remove ${people(chosen.length)}?`} closeTo={closeTo} description={<Names chosen={chosen} />}>
      <ActionForm intent="bulk-remove" action={closeTo}>
        <Chosen chosen={chosen} />
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>They lose access to {organization.name} at once; pages that are open say so. Each gets a mail.</li>
          <li>What they spent stays in the transactions. Invites that they sent can no longer be accepted.</li>
          <li>Their accounts and their other organizations stay as they are.</li>
          <li>To come back, they need a new invite.</li>
        </ul>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel={`Removing ${chosen.length}…`}>
            Remove {people(chosen.length)}
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

function Chosen({ chosen }: { chosen: readonly Member[] }) {
  return chosen.map(({ userId }) => <input key={userId} type="hidden" name="userId" value={userId} />);
}

function Names({ chosen }: { chosen: readonly Member[] }) {
  const names = chosen.slice(0, NAMED).map(({ name }) => name);
  const more = chosen.length - names.length;
  return <span>{more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ")}</span>;
}

/** What they all are already, else the lowest role: nothing is given away by not looking. */
function commonRole(chosen: readonly Member[]): string {
  const [first] = chosen;
  return first && chosen.every(({ role }) => role === first.role) ? first.role : "member";
}

const people = (n: number) => `${n.toLocaleString("en-US")} ${n === 1 ? "person" : "people"}`;
const roles = (n: number) => (n === 1 ? "1 role" : `${n.toLocaleString("en-US")} roles`);
