import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { resultOf } from "~/forms/form-result";

/** For the person whom the invite is for: yes or no. */
export function Answer({ organizationName, answer }: { organizationName: string; answer: unknown }) {
  return (
    <div className="grid gap-3">
      <ActionForm intent="accept" result={resultOf(answer, "accept")}>
        <SubmitButton pendingLabel="Joining…">Accept the invite</SubmitButton>
      </ActionForm>
      <ActionForm intent="decline" result={resultOf(answer, "decline")}>
        <SubmitButton look="quiet" pendingLabel="Declining…">
          Decline<span className="sr-only"> to join {organizationName}</span>
        </SubmitButton>
      </ActionForm>
    </div>
  );
}

/** For somebody else: says so, names no account, and lets them come back as the right one. */
export function OtherAccount() {
  return (
    <ActionForm intent="switch-account">
      <Notice tone="warning" title="This invite is for another account">
        It was sent to an address that is not the one you are signed in with. Sign out, and come back with the account
        of that address; if there is none yet, you can make it then.
      </Notice>
      <SubmitButton pendingLabel="Signing out…">Use another account</SubmitButton>
    </ActionForm>
  );
}
