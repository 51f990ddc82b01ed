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
import { LeaveDialog } from "./leave-dialog";

interface MemberDialogsProps {
  members: Member[];
  ownerCount: number;
  answer: unknown;
  closeTo: string;
}

/** The dialogs about one member, as the address says: change the role, remove, leave. */
export function MemberDialogs({ members, ownerCount, answer, closeTo }: MemberDialogsProps) {
  const { organization, may } = useOrganization();
  const [search] = useSearchParams();
  const dialog = search.get("dialog");
  // Leaving is about the reader, whoever is listed.
  if (dialog === "leave") return <LeaveDialog {...{ ownerCount, answer, closeTo }} />;
  const member = members.find(({ userId }) => userId === search.get("member"));
  if (!member || !mayTouch(organization.role, member.role)) return null;
  if (dialog === "role" && may("members.change_role")) return <RoleDialog {...{ member, answer, closeTo }} />;
  if (dialog === "remove" && !member.isYou && may("members.remove")) {
    return <RemoveDialog {...{ member, answer, closeTo }} />;
  }
  return null;
}

interface MemberDialogProps {
  member: Member;
  answer: unknown;
  closeTo: string;
}

function RoleDialog({ member, answer, closeTo }: MemberDialogProps) {
  const { organization } = useOrganization();
  const result = resultOf(answer, "role");
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

function RemoveDialog({ member, answer, closeTo }: MemberDialogProps) {
  const { organization } = useOrganization();
  const result = resultOf(answer, "remove");
  return (
    <Dialog title={`Remove ${member.name}?`} closeTo={closeTo} description={member.email}>
      <ActionForm intent="remove" result={result}>
        <input type="hidden" name="userId" value={member.userId} />
        <input type="hidden" name="name" value={member.name} />
        <ul className="grid list-disc gap-1 pl-5 text-ink-muted">
          <li>
            {member.name} loses access to {organization.name} at once; pages that are open say so, and a mail does.
          </li>
          <li>What was spent stays in the transactions. Invites that {member.name} sent can no longer be accepted.</li>
          <li>The account and its other organizations stay as they are.</li>
          <li>To come back, {member.name} needs a new invite.</li>
        </ul>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Removing…">
            Remove
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}
