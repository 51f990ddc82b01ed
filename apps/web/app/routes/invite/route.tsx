import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { readApiError } from "~/api/read-error";
import { readMe } from "~/api/session.server";
import type { InvitePreview } from "~/api/types";
import { Time } from "~/components/time";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { roleLabel, roleMeaning } from "~/organization/roles";
import { Answer, OtherAccount } from "./answer-forms";
import { answerInvite } from "./answer-invite.server";
import { InviteGone } from "./invite-gone";
import { SignUpForm } from "./sign-up-form";

// The address is a secret until it is used: no search engine, no other site sees it.
export const meta: MetaFunction = () => [{ title: "Invite · Guildhall" }, { name: "robots", content: "noindex" }];

/** Only looks: mail scanners and prefetching browsers open links too. Accepting is a form. */
export async function loader({ context, params }: LoaderFunctionArgs) {
  const token = params.token ?? "";
  const isSignedIn = (await readMe(context)) !== null;
  try {
    const invite = await context.api.invites.preview.query({ token });
    if (invite.memberOf) throw redirect(`/o/${invite.memberOf}`);
    return { token, isSignedIn, invite, gone: null };
  } catch (error) {
    const refused = readApiError(error);
    if (!refused || refused.status >= 500 || refused.status === 0) throw error;
    const gone =
      refused.code === "not_found"
        ? "There is no such invite. Check that the address is complete, or ask for a new one."
        : refused.message;
    return data({ token, isSignedIn, invite: null, gone }, { status: refused.status });
  }
}

export async function action({ request, context, params }: ActionFunctionArgs) {
  return answerInvite(request, context, params.token ?? "");
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

export default function InvitePage() {
  const { token, isSignedIn, invite, gone } = useLoaderData<typeof loader>();
  const answer = useActionData<unknown>();
  if (!invite) return <InviteGone reason={gone ?? ""} isSignedIn={isSignedIn} />;
  return (
    <div className="grid gap-5">
      <Summary invite={invite} />
      {invite.matchesYou === null && <SignUpForm token={token} email={invite.newAccountEmail ?? ""} answer={answer} />}
      {invite.matchesYou === false && <OtherAccount />}
      {invite.matchesYou && <Answer organizationName={invite.organizationName} answer={answer} />}
    </div>
  );
}

function Summary({ invite }: { invite: InvitePreview }) {
  return (
    <div className="grid gap-2">
      <h1 className="font-semibold text-xl tracking-tight">Join {invite.organizationName}</h1>
      <p className="text-ink-muted">
        {invite.inviterName} invites you as <strong className="font-medium text-ink">{roleLabel(invite.role)}</strong>.{" "}
        {roleMeaning(invite.role)}
      </p>
      <p className="text-ink-faint text-sm">
        Expires <Time at={invite.expiresAt} />.
      </p>
    </div>
  );
}
