import { useSearchParams } from "@remix-run/react";
import type { Member } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Dialog, DialogActions } from "~/components/overlay";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";
import { RoleChoice } from "~/organization/role-choice";
import { mayTouch } from "~/organization/roles";

/** The dialogs about one member, as the address says: change the role, remove. */
export function MemberDialogs({ members, answer }: { members: Member[]; answer: unknown }) {
  const { organization, may } = useOrganization();
  const [search] = useSearchParams();
  const member = members.find(({ userId }) => userId === search.get("member"));
  const dialog = search.get("dialog");
  if (!member || !mayTouch(organization.role, member.role)) return null;
  if (dialog === "role" && may("members.change_role")) return <RoleDialog member={member} answer={answer} />;
  if (dialog === "remove" && may("members.remove")) return <RemoveDialog member={member} answer={answer} />;
  return null;
}

interface MemberDialogProps {
  member: Member;
  answer: unknown;
}

function RoleDialog({ member, answer }: MemberDialogProps) {
  const { organization } = useOrganization();
  const result = resultOf(answer, "role");
  const closeTo = `/o/${organization.slug}/members`;
  return (
    <Dialog title={`Role of ${member.name}`} closeTo={closeTo} description={member.email}>
      <ActionForm intent="role" result={result}>
        <input type="hidden" name="userId" value={member.userId} />
        <input type="hidden" name="name" value={member.name} />
        <input type="hidden" name="previousRole" value={member.role} />
        <RoleChoice
          own={organization.role}
          chosen={result?.values.role ?? member.role}
          error={result?.fieldErrors.role}
        />
        {member.isYou && (
          <Notice tone="warning" title="This is your own role">
            With a lower role you may not be able to change it back yourself.
          </Notice>
        )}
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Changing…">Change role</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

function RemoveDialog({ member, answer }: MemberDialogProps) {
  const { organization } = useOrganization();
  const result = resultOf(answer, "remove");
  const closeTo = `/o/${organization.slug}/members`;
  return (
    <Dialog title={member.isYou ? `Leave ${organization.name}?` : `Remove ${member.name}?`} closeTo={closeTo}>
      <ActionForm intent="remove" result={result}>
        <input type="hidden" name="userId" value={member.userId} />
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>
            {member.isYou ? "You lose" : `${member.name} loses`} access to {organization.name} at once; pages that are
            open say so.
          </li>
          <li>What was spent stays in the transactions.</li>
          <li>The account and its other organizations stay as they are.</li>
        </ul>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Removing…">
            {member.isYou ? "Leave" : "Remove"}
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
