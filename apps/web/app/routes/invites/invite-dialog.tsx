import { ButtonLink } from "~/components/button";
import { CopyField } from "~/components/copy-field";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Dialog, DialogActions } from "~/components/overlay";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";
import { RoleChoice } from "~/organization/role-choice";

/** What the action answers when an invite was made: shown once, to be handed over (S2.13). */
export interface MadeInvite {
  made: { email: string; token: string; acceptUrl: string; expiresAt: string };
}

/** Invites one person by e-mail; then shows the address that accepts it. */
export function InviteDialog({ answer }: { answer: unknown }) {
  const { organization } = useOrganization();
  const closeTo = `/o/${organization.slug}/members`;
  const made = readMade(answer);
  if (made) return <HandOver made={made} closeTo={closeTo} />;
  const result = resultOf(answer, "invite");
  return (
    <Dialog
      title="Invite somebody"
      closeTo={closeTo}
      description={`They join ${organization.name} when they accept with an account of this address.`}
    >
      <ActionForm intent="invite" result={result}>
        <TextField
          name="email"
          label="E-mail"
          type="email"
          autoComplete="off"
          required
          autoFocus
          defaultValue={result?.values.email}
          error={result?.fieldErrors.email}
        />
        <RoleChoice own={organization.role} chosen={result?.values.role ?? "member"} error={result?.fieldErrors.role} />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Inviting…">Invite</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

function HandOver({ made, closeTo }: { made: MadeInvite["made"]; closeTo: string }) {
  return (
    <Dialog
      title="Invite made"
      closeTo={closeTo}
      description={
        <>
          Hand this address over to {made.email}. It is shown only now, works once and expires{" "}
          <Time at={made.expiresAt} />.
        </>
      }
    >
      <div className="grid gap-4">
        <CopyField label="Accept URL" value={made.acceptUrl} />
        <CopyField label="Token" value={made.token} />
        <DialogActions>
          <ButtonLink look="primary" to={closeTo} replace preventScrollReset>
            Done
          </ButtonLink>
        </DialogActions>
      </div>
    </Dialog>
  );
}

function readMade(answer: unknown): MadeInvite["made"] | undefined {
  return typeof answer === "object" && answer !== null && "made" in answer ? (answer as MadeInvite).made : undefined;
}
