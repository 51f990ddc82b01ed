import { ButtonLink } from "~/components/button";
import { Notice } from "~/components/notice";

/** Why the link leads nowhere any more, and what to do. */
export function InviteGone({ reason, isSignedIn }: { reason: string; isSignedIn: boolean }) {
  return (
    <div className="grid gap-4">
      <h1 className="font-semibold text-xl tracking-tight">Invite</h1>
      <Notice tone="warning" title="This invite cannot be accepted">
        {reason}
      </Notice>
      <ButtonLink to={isSignedIn ? "/settings/organizations" : "/sign-in"}>
        {isSignedIn ? "Your organizations" : "Sign in"}
      </ButtonLink>
    </div>
  );
}
